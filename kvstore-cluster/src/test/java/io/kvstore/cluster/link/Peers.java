package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.tensor.Tensor;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** Receivers for tests: one that notes what it gets, and one that answers as a key would. */
final class Peers {
    private Peers() {}

    /** Notes everything, in order. */
    static class Noting implements Receiver {
        final BlockingQueue<Item> items = new LinkedBlockingQueue<>();
        final BlockingQueue<Item> lost = new LinkedBlockingQueue<>();
        final BlockingQueue<NodeId> dead = new LinkedBlockingQueue<>();

        @Override
        public void onItem(NodeId from, Item item) {
            items.add(item);
        }

        @Override
        public void onLost(NodeId peer, Item item) {
            lost.add(item);
        }

        @Override
        public void onDead(NodeId peer) {
            dead.add(peer);
        }

        /** The next of a queue, which must come within 60 s. */
        static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
            T next = queue.poll(60, TimeUnit.SECONDS);
            if (next == null) {
                throw new AssertionError("nothing came within 60 s");
            }
            return next;
        }
    }

    /** Answers a push with Done, a pull with {@code value}; releases what it gets. */
    static final class Answering implements Receiver {
        private final Supplier<KeyReply> value;
        final AtomicInteger lost = new AtomicInteger();
        private volatile Channel channel;

        Answering(Supplier<KeyReply> value) {
            this.value = value;
        }

        /** Makes the endpoint's node a server of this. */
        static Answering serve(Endpoints endpoints, Supplier<KeyReply> value) {
            Answering server = new Answering(value);
            server.channel = endpoints.serve(server, (from, settings) -> List.of(endpoints.self()));
            return server;
        }

        @Override
        public void onItem(NodeId from, Item item) {
            KeyCommand command = ((Body.Request) item.body()).command();
            if (command instanceof KeyCommand.Push push) {
                push.gradients().forEach(Tensor::release);
                answer(from, item, new KeyReply.Done(item.part().key(), item.call(), item.call()));
            } else {
                answer(from, item, value.get());
            }
        }

        private void answer(NodeId to, Item request, KeyReply reply) {
            try {
                channel.submit(to, request.answer(new Body.Answer(reply)));
            } catch (KVStoreException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void onLost(NodeId peer, Item item) {
            lost.incrementAndGet();
            KeyReply reply = ((Body.Answer) item.body()).reply();
            answer(peer, item, reply instanceof KeyReply.Value ? value.get() : reply);
        }

        @Override
        public void onDead(NodeId peer) {}
    }
}
