package io.kvstore.cuda.sim;

import java.util.HashMap;
import java.util.Map;

/** How far each stream had come when something was given off: a vector clock, of which event comes surely before which. */
final class Clock {
    private final Map<Integer, Long> counts = new HashMap<>();

    Clock copy() {
        Clock copy = new Clock();
        copy.counts.putAll(counts);
        return copy;
    }

    /** Counts one operation of the stream. */
    long next(int stream) {
        return counts.merge(stream, 1L, Long::sum);
    }

    void join(Clock other) {
        other.counts.forEach((stream, count) -> counts.merge(stream, count, Math::max));
    }

    /** Whether operation {@code count} of the stream comes before this clock's owner. */
    boolean covers(int stream, long count) {
        return counts.getOrDefault(stream, 0L) >= count;
    }
}
