package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.tensor.DenseTensor;

/** The slices of one value as they come in: given to the call at once, or kept until all are there. */
final class Values {
    private final Operation<?> operation;
    private final Layout layout;
    private final DenseTensor[] kept;
    private boolean given;

    Values(Operation<?> operation, Layout layout) {
        this.operation = operation;
        this.layout = layout;
        this.kept = new DenseTensor[layout.slices()];
    }

    /** Takes over the value's lease. */
    void put(int slice, KeyReply.Value value) {
        release(slice);
        if (operation.take(Math.toIntExact(layout.from(slice)), value.value())) {
            given = true;
            value.value().release();
        } else {
            kept[slice] = value.value();
        }
    }

    /** The whole value, held once by the caller, or that the call has it already; the slices are released. */
    KeyReply whole(long version) {
        if (given) {
            release();
            return new KeyReply.Done(operation.line.key, 0, version);
        }
        if (kept.length == 1) {
            DenseTensor only = kept[0];
            kept[0] = null;
            return new KeyReply.Value(operation.line.key, 0, version, only);
        }
        DenseTensor whole = operation.line.session.pool().filled(layout.dtype(), layout.shape(), into -> {
            for (int slice = 0; slice < kept.length; slice++) {
                kept[slice].read(0, into.data(), Math.toIntExact(layout.from(slice)), kept[slice].length());
            }
        });
        release();
        return new KeyReply.Value(operation.line.key, 0, version, whole);
    }

    void release() {
        for (int slice = 0; slice < kept.length; slice++) {
            release(slice);
        }
    }

    private void release(int slice) {
        if (kept[slice] != null) {
            kept[slice].release();
            kept[slice] = null;
        }
    }
}
