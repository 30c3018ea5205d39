package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.actor.BurstExecutor;
import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.cluster.link.LinkMessage.Gone;
import io.kvstore.cluster.link.LinkMessage.Hello;
import io.kvstore.cluster.link.LinkMessage.OfRoads;
import io.kvstore.cluster.link.LinkMessage.Ping;
import io.kvstore.cluster.link.LinkMessage.Pong;
import io.kvstore.cluster.link.LinkMessage.Received;
import io.kvstore.cluster.link.LinkMessage.Unwelcome;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.session.Times;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoint of one node without its actor: its links, its channels, and who gets what comes in. One thread at a time
 * calls it, and after each burst of calls {@link #flush}; only {@link #open} and {@link #serve} are for any thread. Time
 * comes from the given clock, so that it runs under a simulator as it does in production.
 */
public final class EndpointCore implements Channel.Door {
    private static final Logger LOG = LoggerFactory.getLogger(EndpointCore.class);

    private static final int SERVER_CHANNEL = 0;

    private static final Receiver NOBODY = new Receiver() {
        @Override
        public void onItem(NodeId from, Item item) {}

        @Override
        public void onLost(NodeId peer, Item item) {}

        @Override
        public void onDead(NodeId peer) {}
    };

    private final NodeId self;
    private final LinkSettings settings;
    private final Link link;
    private final LongSupplier nanos;
    private final Greetings greetings;
    private final Map<NodeId, LinkState> links = new LinkedHashMap<>();
    private final Map<Integer, Receiver> channels = new ConcurrentHashMap<>();
    private final AtomicInteger lastChannel = new AtomicInteger(SERVER_CHANNEL);
    private final LinkState.Effects effects = new LinkState.Effects() {
        @Override
        public void send(LinkMessage message) {
            link.send(message);
        }

        @Override
        public long window(NodeId peer, long limit) {
            return link.window(peer, limit);
        }

        @Override
        public void lost(NodeId peer, Outgoing outgoing) {
            guarded("onLost", () -> outgoing.owner().onLost(peer, outgoing.item()));
        }
    };
    private volatile Greeter greeter;

    /** @param nanos a steady clock, in nanoseconds */
    public EndpointCore(NodeId self, LinkSettings settings, Link link, LongSupplier nanos) {
        this.self = self;
        this.settings = settings;
        this.link = link;
        this.nanos = nanos;
        this.greetings = new Greetings(self, link);
    }

    /** A channel whose replies go to {@code receiver}. */
    public Channel open(Receiver receiver) {
        return open(receiver, this);
    }

    Channel open(Receiver receiver, Channel.Door door) {
        int number = lastChannel.incrementAndGet();
        channels.put(number, receiver);
        return new Channel(number, receiver, settings, door);
    }

    /** The channel of this node's server side: all requests that come to this node go to {@code receiver}. */
    public Channel serve(Receiver receiver, Greeter greeter) {
        return serve(receiver, greeter, this);
    }

    Channel serve(Receiver receiver, Greeter welcoming, Channel.Door door) {
        if (channels.putIfAbsent(SERVER_CHANNEL, receiver) != null) {
            throw new KVStoreException(Reason.INVALID_CONFIGURATION, "node " + self + " is a server already");
        }
        greeter = welcoming;
        return new Channel(SERVER_CHANNEL, receiver, settings, door);
    }

    /** Whether this node is a server. */
    boolean serves() {
        return greeter != null;
    }

    @Override
    public void close(Channel channel) {
        channels.remove(channel.number());
        if (channel.number() == SERVER_CHANNEL) {
            greeter = null;
        }
    }

    @Override
    public void submit(NodeId peer, Outgoing outgoing) {
        linkTo(peer).offer(outgoing);
    }

    /** Says hello to whoever is at an address, again and again until it answers or {@code limit} is over. */
    public void connect(NodeId at, String settings, Duration limit, CompletableFuture<Welcome> answer) {
        greetings.hello(at, settings, limit, answer, nanos.getAsLong());
    }

    private LinkState linkTo(NodeId peer) {
        return links.computeIfAbsent(peer, p -> new LinkState(self, p, settings, nanos.getAsLong(), effects));
    }

    /** Takes what came from the network. */
    public void receive(LinkMessage message) {
        NodeId to = message.to();
        if (!to.equals(self) && !to.equals(self.anyLife())) {
            notForMe(message);
            return;
        }
        if (message instanceof Hello hello) {
            link.send(greet(hello));
        } else if (message instanceof Welcome welcome) {
            greetings.welcome(welcome);
        } else if (message instanceof Unwelcome unwelcome) {
            greetings.unwelcome(unwelcome);
        } else if (message instanceof Gone gone) {
            onGone(gone);
        } else if (message instanceof OfRoads ofRoads) {
            link.negotiate(ofRoads);
        } else {
            onTraffic(message);
        }
    }

    /** For whoever was at this address before, perhaps. */
    private void notForMe(LinkMessage message) {
        if (message.to().anyLife().equals(self.anyLife())) {
            link.send(new Gone(self, message.from(), message.to()));
        }
        if (message instanceof Frame frame) {
            frame.items().forEach(item -> item.body().release());
        }
    }

    private void onTraffic(LinkMessage message) {
        NodeId peer = message.from();
        LinkState state = linkTo(peer);
        state.heard();
        if (message instanceof Frame frame) {
            deliver(peer, frame.items());
            state.handedOver(frame.number());
        } else if (message instanceof Received received) {
            state.received(received.numbers());
        } else if (message instanceof Ping ping) {
            state.pinged(ping.number());
        } else if (message instanceof Pong pong) {
            state.ponged(pong.number());
        }
    }

    /** Only who listens at a node's address can know that it is gone. */
    private void onGone(Gone gone) {
        if (gone.node().equals(gone.from())) {
            LOG.debug("peer {} leaves", gone.node());
            remove(gone.node());
        } else if (gone.node().anyLife().equals(gone.from().anyLife())) {
            die(gone.node(), "another actor system listens there now");
        }
    }

    private LinkMessage greet(Hello hello) {
        Greeter server = greeter;
        try {
            if (hello.version() != LinkCodec.VERSION) {
                throw new KVStoreException(
                        Reason.INVALID_CONFIGURATION,
                        "it speaks version " + LinkCodec.VERSION + " of the wire format, you speak " + hello.version()
                                + "; use one version of the store everywhere");
            }
            if (server == null) {
                throw new KVStoreException(Reason.BUSY, "it is no server, or not one yet");
            }
            return new Welcome(self, hello.from(), server.greet(hello.from(), hello.settings()));
        } catch (KVStoreException e) {
            return new Unwelcome(self, hello.from(), e.reason(), e.getMessage());
        }
    }

    /** What one frame brings to many keys is handed to their threads at once. */
    private void deliver(NodeId from, List<Item> items) {
        if (items.size() == 1) {
            deliver(from, items.get(0));
        } else {
            BurstExecutor.together(() -> items.forEach(item -> deliver(from, item)));
        }
    }

    private void deliver(NodeId from, Item item) {
        if (item.body() instanceof Body.Unreadable unreadable) {
            refuseUnreadable(from, item, unreadable);
            return;
        }
        boolean asks = item.body().asks();
        Receiver receiver = channels.get(asks ? SERVER_CHANNEL : Channel.numberOf(item.call()));
        if (receiver != null) {
            guarded("onItem", () -> receiver.onItem(from, item));
            return;
        }
        item.body().release();
        if (asks) {
            submit(from, unowned(item.answer(new Body.NotHere())));
        }
    }

    /** A request is refused to who sent it; for a reply, the one who waits for it gets a refusal in its place. */
    private void refuseUnreadable(NodeId from, Item item, Body.Unreadable unreadable) {
        Reason reason = unreadable.asks() ? Reason.INVALID_ARGUMENT : Reason.INTERNAL;
        String what = unreadable.asks() ? "the request" : "the reply";
        Item refusal = item.answer(new Body.Answer(new KeyReply.Refused(
                item.part().key(), item.call(), reason, what + " cannot be read: " + unreadable.why())));
        if (unreadable.asks()) {
            submit(from, unowned(refusal));
        } else {
            deliver(from, refusal);
        }
    }

    private static Outgoing unowned(Item item) {
        return new Outgoing(item, (int) ItemCodec.size(item), NOBODY);
    }

    /** Sends what has room. */
    public void flush() {
        long now = nanos.getAsLong();
        for (LinkState state : links.values()) {
            state.flush(now);
        }
    }

    /** Lets time pass; due several times in {@code resendAfter}. */
    public void tick() {
        long now = nanos.getAsLong();
        greetings.tick(now);
        for (NodeId peer : List.copyOf(links.keySet())) { // a receiver that hears of a loss may open new links
            if (!links.get(peer).tick(now)) {
                die(peer, "silent for " + Times.text(settings.sessionTimeout()));
            }
        }
        flush();
    }

    private void die(NodeId peer, String why) {
        if (links.containsKey(peer)) {
            LOG.info("peer {} is dead: {}", peer, why);
            remove(peer);
        }
    }

    private void remove(NodeId peer) {
        LinkState state = links.remove(peer);
        if (state != null) {
            link.forget(peer);
            channels.values().forEach(receiver -> guarded("onDead", () -> receiver.onDead(peer)));
            state.close();
        }
    }

    /** Tells its peers that this node leaves in good order, so that none waits until it takes it for dead. */
    public void leave() {
        links.keySet().forEach(peer -> link.send(new Gone(self, peer, self)));
    }

    /** Ends: what was not received is lost. */
    public void close() {
        greetings.close();
        links.values().forEach(LinkState::close);
        links.clear();
    }

    Collection<LinkState> links() {
        return links.values();
    }

    /** Lets no receiver stop the endpoint. */
    private void guarded(String call, Runnable body) {
        try {
            body.run();
        } catch (RuntimeException e) {
            LOG.error("{}: a receiver's {} failed", self, call, e);
        }
    }
}
