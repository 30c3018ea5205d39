package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.PartCommand;

/** Asks what a key that this worker knows is at this moment; changes nothing of what it knows. */
final class InfoOperation<N> extends Operation<N> implements Reads {
    InfoOperation(KeyLine<N> line, long call) {
        super(line, call, Integer.MAX_VALUE);
    }

    @Override
    String what() {
        return "info";
    }

    @Override
    void start() {
        line.core.request(this, 0, () -> new PartCommand.Describe(0, null), null);
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        finish(reply);
    }
}
