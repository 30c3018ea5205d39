package io.kvstore.cluster.coordinator;

import java.util.Comparator;
import java.util.PriorityQueue;

/** A clock and what is to happen at its times; events of one time happen in the order in which they were planned. */
final class VirtualTime {
    private record Event(long time, long number, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::time).thenComparingLong(Event::number));
    private long now;
    private long planned;

    /** Milliseconds since the start. */
    long now() {
        return now;
    }

    void in(long millis, Runnable action) {
        events.add(new Event(now + millis, planned++, action));
    }

    /** Lets the next event happen. */
    void step() {
        Event next = events.remove();
        now = next.time;
        next.action.run();
    }

    long happened() {
        return planned - events.size();
    }
}
