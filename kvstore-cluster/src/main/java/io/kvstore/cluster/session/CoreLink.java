package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.cluster.link.Body;
import io.kvstore.cluster.link.Channel;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.Item;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.cluster.link.Receiver;
import io.kvstore.tensor.DenseTensor;
import java.util.function.LongConsumer;

/** Joins a session's logic to its node's endpoint: what the core sends goes into the channel, what comes back to the core. */
final class CoreLink implements Outside<NodeId>, Receiver {
    private final Endpoints endpoints;
    private final Servers servers;
    private final String store;
    private final boolean priorities;
    private final OpenCalls calls;
    private final KnownKeys known;
    private final LongConsumer onFenced;
    private final Channel channel;
    private SerialCore core;

    /** @param priorities whether requests of higher priority leave first */
    CoreLink(
            Endpoints endpoints,
            Servers servers,
            String store,
            boolean priorities,
            OpenCalls calls,
            KnownKeys known,
            LongConsumer onFenced) {
        this.endpoints = endpoints;
        this.servers = servers;
        this.store = store;
        this.priorities = priorities;
        this.calls = calls;
        this.known = known;
        this.onFenced = onFenced;
        this.channel = endpoints.open(this);
    }

    /** Before anything is sent: what runs the core. */
    void start(SerialCore logic) {
        this.core = logic;
    }

    /** What the core has sent leaves. */
    void depart() {
        channel.depart();
    }

    void close() {
        channel.close();
    }

    // ---------------------------------------------------------------- from the core

    @Override
    public long nextId() {
        return channel.nextCall();
    }

    @Override
    public void send(NodeId server, long id, Part part, int priority, KeyCommand command) {
        try {
            channel.queue(server, new Item(id, store, part, priorities ? priority : 0, new Body.Request(command)));
        } catch (KVStoreException e) { // it cannot travel, however often it is tried
            command.release();
            KeyReply refused = new KeyReply.Refused(part.key(), id, e.reason(), e.getMessage());
            core.execute(logic -> logic.incoming().onReply(id, refused));
        }
    }

    @Override
    public void locate(Part part) {
        NodeId server = servers.any();
        if (server != null) {
            channel.queue(server, new Item(channel.nextCall(), store, part, Integer.MAX_VALUE, new Body.Locate()));
        }
    }

    @Override
    public boolean take(long call, int at, DenseTensor piece) {
        return calls.take(call, at, piece);
    }

    @Override
    public void answer(long call, KeyReply reply) {
        calls.answer(call, reply);
    }

    @Override
    public void fail(long call, KVStoreException failure) {
        calls.fail(call, failure);
    }

    @Override
    public void known(Key key, Layout layout, long generation, long version) {
        known.put(key, layout, generation, version);
    }

    @Override
    public void initialised(Key key) {
        known.initialisedHere(key);
    }

    @Override
    public void doubted(Key key) {
        known.doubt(key);
    }

    @Override
    public void unknown(Key key) {
        known.remove(key);
    }

    @Override
    public void fenced(long incarnation) {
        onFenced.accept(incarnation);
    }

    // ---------------------------------------------------------------- from the endpoint

    @Override
    public void onItem(NodeId from, Item item) {
        if (item.body() instanceof Body.Answer answer) {
            core.execute(logic -> logic.incoming().onReply(item.call(), answer.reply()));
        } else if (item.body() instanceof Body.Located located) {
            core.execute(logic -> logic.incoming().located(item.part(), located.node()));
        } else if (item.body() instanceof Body.NotHere) {
            core.execute(logic -> logic.incoming().notHere(item.call()));
        }
    }

    @Override
    public void onLost(NodeId peer, Item item) {
        if (item.body() instanceof Body.Request) {
            core.execute(logic -> logic.incoming().lost(item.call()));
        }
    }

    @Override
    public void onDead(NodeId peer) {
        servers.forget(peer);
        core.execute(logic -> logic.incoming().dead(peer));
    }
}
