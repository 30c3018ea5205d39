package io.kvstore.session;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Outlet;
import java.util.List;

/** The outputs of one key, filled piece by piece as its value comes in, until the call ends. Any thread may use it. */
public final class Inflow implements Outlet {
    private final List<NdView> outs;
    private boolean closed;
    private long taken;

    Inflow(List<NdView> outs) {
        this.outs = outs;
    }

    /** Writes a piece, the value's elements from {@code at} on, which may have come before. */
    public void take(int at, DenseTensor piece) {
        take(at, piece.dtype(), piece.data(), 0, piece.length());
    }

    @Override
    public synchronized void take(int at, DType dtype, Object elements, int from, int count) {
        if (closed) {
            return;
        }
        for (NdView out : outs) {
            out.write(at, dtype, elements, from, count);
        }
        taken += count;
    }

    /** Whether as many elements came as the outputs have; all of them, if none came twice. */
    synchronized boolean isFull() {
        return taken >= outs.get(0).shape().length();
    }

    /** When this returns nobody writes into the outputs, and nobody will. */
    synchronized void close() {
        closed = true;
    }
}
