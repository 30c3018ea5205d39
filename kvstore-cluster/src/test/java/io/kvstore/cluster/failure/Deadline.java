package io.kvstore.cluster.failure;

import java.time.Duration;

/** The moment until which something is promised, counted from when this was made. */
final class Deadline {
    /** The session timeout and a second: the longest that a dead worker or server may hold a call. */
    static final Duration OF_THE_DEAD = Duration.ofSeconds(11);

    private final long start = System.nanoTime();
    private final Duration limit;

    private Deadline(Duration limit) {
        this.limit = limit;
    }

    static Deadline in(Duration limit) {
        return new Deadline(limit);
    }

    Duration left() {
        Duration left = limit.minus(passed());
        return left.isNegative() ? Duration.ZERO : left;
    }

    Duration passed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Notes how long it took, for whoever reads the output of the tests. */
    void tell(String what) {
        System.out.printf(
                "%s after %.1f s, allowed are %.1f s%n", what, passed().toMillis() / 1000.0, limit.toMillis() / 1000.0);
    }
}
