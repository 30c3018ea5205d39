package io.kvstore.cluster.link;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How a thread that has to look for work waits when there is none: for {@value #AWAKE_MICROS} us it looks again and again,
 * letting others run in between, unless that keeps it from looking ({@link Yields}); then it sleeps for an eighth of the time
 * that it has been idle, up to a millisecond, and after an eighth of a second for longer, a 128th of that time, so that a node at rest costs
 * next to nothing and who comes back after a long time waits for little of it. Others may end its sleep.
 */
final class Backoff {
    static final int AWAKE_MICROS = 50;

    private static final long AWAKE = TimeUnit.MICROSECONDS.toNanos(AWAKE_MICROS);
    private static final long SHORTEST = TimeUnit.MICROSECONDS.toNanos(20); // less is over before another thread runs
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    private final Thread thread;
    private final Yields yields = new Yields(System.nanoTime());
    private long lastWork = System.nanoTime();
    private volatile boolean asleep;

    /** Of {@code thread}, which calls the other methods; only {@link #wake} is for all. */
    Backoff(Thread thread) {
        this.thread = thread;
    }

    void worked() {
        asleep = false;
        lastWork = System.nanoTime();
    }

    /** Whether the next {@link #pause} may sleep; from now on {@link #wake} has an effect. */
    boolean fallAsleep() {
        long now = System.nanoTime();
        asleep = now - lastWork >= AWAKE || yields.rest(now);
        return asleep;
    }

    /** Lets a moment pass: if {@link #fallAsleep} said so, in sleep for at most {@code longest} nanoseconds. */
    void pause(long longest) {
        long now = System.nanoTime();
        if (asleep) {
            LockSupport.parkNanos(this, Math.min(longest, length(now - lastWork)));
            asleep = false;
        } else {
            Thread.yield();
            yields.took(now, System.nanoTime());
        }
    }

    /** How long to sleep after so many idle nanoseconds. */
    static long length(long idle) {
        return Math.max(SHORTEST, Math.max(Math.min(idle / 8, MILLISECOND), idle / 128));
    }

    /** There is something to do. */
    void wake() {
        if (asleep) {
            LockSupport.unpark(thread);
        }
    }
}
