package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;

/** Finds out what a key is that this worker has not initialised itself. */
final class DescribeOperation<N> extends Operation<N> {
    DescribeOperation(KeyLine<N> line, long call) {
        super(line, call, Integer.MAX_VALUE);
    }

    @Override
    String what() {
        return "info";
    }

    @Override
    boolean mayFindNothing() {
        return true;
    }

    @Override
    void start() {
        request(0, () -> new PartCommand.Describe(0, null), null);
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        if (reply instanceof PartReply.Described found) {
            line.exists(found.layout(), found.generation(), found.version());
        }
        finish(reply);
    }
}
