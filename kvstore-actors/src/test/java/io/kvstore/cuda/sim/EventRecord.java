package io.kvstore.cuda.sim;

import io.kvstore.cuda.CudaException;

/** One recording of an event. */
final class EventRecord {
    private final Clock clock;
    private volatile boolean done;
    private volatile CudaException lost;

    EventRecord(Clock clock) {
        this.clock = clock;
    }

    Clock clock() {
        return clock;
    }

    void done() {
        done = true;
    }

    void lost(CudaException failure) {
        lost = failure;
    }

    /** Whether there is nothing to wait for any more. */
    boolean isOver() {
        return done || lost != null;
    }

    boolean isDone() {
        if (!done && lost != null) {
            throw new CudaException(lost.kind(), lost.code(), lost.codeName(), "work before an event");
        }
        return done;
    }
}
