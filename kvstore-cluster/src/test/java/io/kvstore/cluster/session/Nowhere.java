package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Part;
import io.kvstore.cluster.link.NodeId;

/** A world without servers: nothing is ever found or answered in it. Calls end in {@link OpenCalls}. */
final class Nowhere implements Outside<NodeId> {
    private final OpenCalls calls;
    private long ids;

    Nowhere(OpenCalls calls) {
        this.calls = calls;
    }

    @Override
    public long nextId() {
        return ++ids;
    }

    @Override
    public void send(NodeId server, long id, Part part, int priority, KeyCommand command) {
        throw new AssertionError("there is no server " + server);
    }

    @Override
    public void locate(Part part) {}

    @Override
    public void answer(long call, KeyReply reply) {
        calls.answer(call, reply);
    }

    @Override
    public void fail(long call, KVStoreException failure) {
        calls.fail(call, failure);
    }

    @Override
    public void known(Key key, Layout layout, long generation, long version) {}

    @Override
    public void initialised(Key key) {}

    @Override
    public void doubted(Key key) {}

    @Override
    public void unknown(Key key) {}

    @Override
    public void fenced(long incarnation) {}
}
