package io.kvstore.cluster.link;

import java.util.concurrent.TimeUnit;

/**
 * Whether a thread that waits for a moment had better sleep than yield. Who yields lets all others go first, on Linux even a
 * program that is to have only what time is left over, and comes back at a tick of the clock, up to 4 ms later. Who sleeps,
 * however shortly, takes the processor back from such a program at once.
 *
 * <p>So the time that long yields took is added up, halved every {@value #HALVED_MILLIS} ms. Once it is too much, there are to be none for
 * {@value #REST_MILLIS} ms; after that, less makes it too much again. One now and then is no reason, for a sleep costs more than a yield that
 * is short. Times are those of {@link System#nanoTime}; for one thread.
 */
final class Yields {
    static final long HALVED_MILLIS = 32;
    static final long REST_MILLIS = 500;

    private static final long HALVED = TimeUnit.MILLISECONDS.toNanos(HALVED_MILLIS);
    private static final long REST = TimeUnit.MILLISECONDS.toNanos(REST_MILLIS);
    private static final long LONG = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long TOO_MUCH = TimeUnit.MILLISECONDS.toNanos(16);

    private long lost;
    private long since; // when it was lost; while there are to be none, when that ends

    Yields(long now) {
        since = now;
    }

    /** Whether there are to be none now. */
    boolean rest(long now) {
        return now - since < 0;
    }

    /** One is over that began while there could be some. */
    void took(long start, long end) {
        if (end - start < LONG) {
            return;
        }
        lost = (lost >> Math.min((end - since) / HALVED, Long.SIZE - 1)) + end - start;
        since = end;
        if (lost >= TOO_MUCH) {
            lost = TOO_MUCH / 2;
            since = end + REST;
        }
    }
}
