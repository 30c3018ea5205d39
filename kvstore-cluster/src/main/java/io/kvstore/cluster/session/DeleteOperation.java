package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.PartCommand;

/** Makes every part forget the key. */
final class DeleteOperation<N> extends Operation<N> {
    private int left;

    DeleteOperation(KeyLine<N> line, long call) {
        super(line, call, Integer.MAX_VALUE);
    }

    @Override
    String what() {
        return "delete";
    }

    @Override
    void start() {
        long generation = line.generation();
        left = line.layout().slices();
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            request(slice, () -> new PartCommand.Forget(generation, 0, null), null);
        }
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        if (--left == 0) {
            line.gone();
            finish(new KeyReply.Done(line.key, 0, line.seenVersion()));
        }
    }
}
