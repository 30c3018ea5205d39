package io.kvstore.session;

import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import java.util.List;

/** The outputs of one key, filled piece by piece as its value comes in, until the call ends. Any thread may use it. */
public final class Inflow {
    private final List<NdView> outs;
    private boolean closed;

    Inflow(List<NdView> outs) {
        this.outs = outs;
    }

    /** Writes a piece, the value's elements from {@code at} on, which may have come before. */
    public synchronized void take(int at, DenseTensor piece) {
        if (!closed) {
            outs.forEach(out -> out.write(at, piece));
        }
    }

    /** When this returns nobody writes into the outputs, and nobody will. */
    synchronized void close() {
        closed = true;
    }
}
