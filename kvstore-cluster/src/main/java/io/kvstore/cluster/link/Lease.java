package io.kvstore.cluster.link;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The right of roads to read the tensors of a frame. Its sender ends it once the frame is received or given up: what no road
 * has read until then, none may read, as the memory may be others' by then. Any thread may use it.
 */
final class Lease {
    private final AtomicInteger holders = new AtomicInteger(1); // the sender
    private final Runnable over;

    /** @param over lets go of the tensors; called once, when the lease has ended and nobody reads any more */
    Lease(Runnable over) {
        this.over = over;
    }

    /** Begins to read. Returns false if it is too late; if not, {@link #leave} must follow. */
    boolean enter() {
        int before = holders.getAndUpdate(now -> now == 0 ? 0 : now + 1);
        return before > 0;
    }

    /** A reader, or the sender for good, needs the tensors no longer. */
    void leave() {
        if (holders.decrementAndGet() == 0) {
            over.run();
        }
    }
}
