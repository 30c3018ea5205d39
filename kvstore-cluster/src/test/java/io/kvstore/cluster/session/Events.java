package io.kvstore.cluster.session;

import java.util.PriorityQueue;
import java.util.Queue;

/** Virtual time, in nanoseconds, and what will happen in it: earliest first, and of equals the one that was planned first. */
final class Events {
    private record Event(long at, long number, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return at == other.at ? Long.compare(number, other.number) : Long.compare(at, other.at);
        }
    }

    private final Queue<Event> planned = new PriorityQueue<>();
    private long now;
    private long count;
    private long numbers;

    long now() {
        return now;
    }

    /** How many events there have been. */
    long count() {
        return count;
    }

    void at(long time, Runnable action) {
        planned.add(new Event(Math.max(now, time), ++numbers, action));
    }

    void in(long delay, Runnable action) {
        at(now + delay, action);
    }

    /** Lets the next event happen, if it comes before {@code limit}. */
    boolean stepBefore(long limit) {
        if (planned.isEmpty() || planned.element().at >= limit) {
            return false;
        }
        step();
        return true;
    }

    /** Lets the next event happen. */
    void step() {
        Event next = planned.remove();
        now = next.at;
        count++;
        next.action.run();
    }
}
