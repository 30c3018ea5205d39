package io.kvstore.cuda.sim;

import java.util.ArrayList;
import java.util.List;

/** One piece of work in a stream. */
final class Operation {
    private final String what;
    private final SimulatedStream stream;
    private final long count;
    private final Clock clock;
    private final Runnable work;
    private final EventRecord awaited;
    private final List<Allocation> touched = new ArrayList<>();

    /**
     * @param count its number in the stream
     * @param clock what comes before it, itself included
     * @param awaited what must be done first, or null
     */
    Operation(String what, SimulatedStream stream, long count, Clock clock, EventRecord awaited, Runnable work) {
        this.what = what;
        this.stream = stream;
        this.count = count;
        this.clock = clock;
        this.awaited = awaited;
        this.work = work;
    }

    boolean isReady() {
        return awaited == null || awaited.isOver();
    }

    void run() {
        work.run();
    }

    SimulatedStream stream() {
        return stream;
    }

    long count() {
        return count;
    }

    Clock clock() {
        return clock;
    }

    /** Called by an allocation that this operation is the latest to touch. */
    void touches(Allocation allocation) {
        touched.add(allocation);
    }

    /** Looks whether what was touched was touched by others in no order, and remembers it. */
    void settle(SimulatedDriver driver) {
        touched.forEach(allocation -> allocation.settle(this, driver));
    }

    @Override
    public String toString() {
        return what + " (operation " + count + " of " + stream + ")";
    }
}
