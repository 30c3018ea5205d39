package io.kvstore.cluster.session;

import java.util.concurrent.TimeUnit;

/**
 * How long a session waits before it does something about a silence; all in nanoseconds.
 *
 * @param askAfter a request without an answer is asked about, and then after twice as long again
 * @param askAtMost the longest time between two such questions
 * @param busyAfter a request that was refused as busy is sent again, and then after twice as long again
 * @param busyAtMost the longest time between two such attempts
 * @param lostAfter calls on a part for which no server answers end after this time
 */
record Timing(long askAfter, long askAtMost, long busyAfter, long busyAtMost, long lostAfter) {

    static Timing of(long sessionTimeoutNanos) {
        return new Timing(
                TimeUnit.SECONDS.toNanos(1),
                TimeUnit.SECONDS.toNanos(10),
                TimeUnit.MILLISECONDS.toNanos(20),
                TimeUnit.SECONDS.toNanos(1),
                sessionTimeoutNanos);
    }

    /** The wait before the next question, doubling with {@code attempts}. */
    long ask(int attempts) {
        return doubled(askAfter, attempts, askAtMost);
    }

    long busy(int attempts) {
        return doubled(busyAfter, attempts, busyAtMost);
    }

    private static long doubled(long first, int times, long most) {
        return times >= 20 ? most : Math.min(most, first << times);
    }
}
