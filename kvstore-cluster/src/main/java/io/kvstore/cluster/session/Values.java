package io.kvstore.cluster.session;

import io.kvstore.Key;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;

/** The slices of one value as they come in, and the whole when all are there. */
final class Values {
    private final Layout layout;
    private final KeyReply.Value[] slices;

    Values(Layout layout) {
        this.layout = layout;
        this.slices = new KeyReply.Value[layout.slices()];
    }

    /** Takes over the value's lease. */
    void put(int slice, KeyReply.Value value) {
        if (slices[slice] != null) {
            slices[slice].value().release();
        }
        slices[slice] = value;
    }

    long version(int slice) {
        return slices[slice].version();
    }

    /** The whole value, held once by the caller; the slices are released. */
    KeyReply.Value whole(BufferPool pool, Key key, long version) {
        if (slices.length == 1) {
            DenseTensor only = slices[0].value();
            slices[0] = null;
            return new KeyReply.Value(key, 0, version, only);
        }
        DenseTensor whole = pool.filled(layout.dtype(), layout.shape(), into -> {
            for (int slice = 0; slice < slices.length; slice++) {
                DenseTensor part = slices[slice].value();
                part.read(0, into.data(), Math.toIntExact(layout.from(slice)), part.length());
            }
        });
        release();
        return new KeyReply.Value(key, 0, version, whole);
    }

    void release() {
        for (int slice = 0; slice < slices.length; slice++) {
            if (slices[slice] != null) {
                slices[slice].value().release();
                slices[slice] = null;
            }
        }
    }
}
