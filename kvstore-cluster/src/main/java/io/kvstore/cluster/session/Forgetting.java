package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.PartCommand;

/**
 * Makes the parts that are left let go of a life of a key that is lost, so that nobody waits there for ever for workers who
 * know that it is. No call waits for it, and it goes on until every part has answered.
 */
final class Forgetting<N> extends Operation<N> {
    private final int slices;
    private final long generation;

    Forgetting(KeyLine<N> line, int slices, long generation) {
        super(line, NO_CALL, 0);
        this.slices = slices;
        this.generation = generation;
    }

    @Override
    String what() {
        return "delete";
    }

    @Override
    boolean outlivesItsCall() {
        return true;
    }

    @Override
    void start() {
        for (int slice = 0; slice < slices; slice++) {
            request(slice, () -> new PartCommand.Forget(generation, 0, null), null);
        }
    }

    /** Nothing: there is no part that does not forget. */
    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {}
}
