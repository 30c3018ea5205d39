package io.kvstore.cluster.link;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * How a thread that has to look for work waits when there is none: for {@value #AWAKE_MICROS} us it looks again and again,
 * letting others run in between; then it sleeps for an eighth of the time that it has been idle, up to a millisecond, and
 * after an eighth of a second for longer, a 128th of that time, so that a node at rest costs next to nothing and who comes back
 * after a long time waits for little of it. Others may end its sleep.
 *
 * <p>Where {@link Yields} cost too much, it does not let others run after it wrote something small, for those who answer have
 * processors of their own; and it sleeps at once after something small arrived, for a thread of this process has to run now,
 * and will wake it. When large tensors are copied, who goes first matters little, so it yields.
 */
final class Backoff {
    static final int AWAKE_MICROS = 50;

    private static final long AWAKE = TimeUnit.MICROSECONDS.toNanos(AWAKE_MICROS);
    private static final long SHORTEST = TimeUnit.MICROSECONDS.toNanos(20); // less is over before another thread runs
    private static final long MILLISECOND = TimeUnit.MILLISECONDS.toNanos(1);

    /** How to let a moment pass. */
    enum Wait {
        YIELD,
        SPIN,
        SLEEP
    }

    private final Thread thread;
    private final Yields yields = new Yields(System.nanoTime());
    private long lastWork = System.nanoTime();
    private Work last = Work.NOTHING;
    private Wait next = Wait.YIELD;
    private volatile boolean asleep;

    /** Of {@code thread}, which calls the other methods; only {@link #wake} is for all. */
    Backoff(Thread thread) {
        this.thread = thread;
    }

    void worked(Work work) {
        asleep = false;
        last = work;
        lastWork = System.nanoTime();
    }

    /** Whether the next {@link #pause}, which has to follow, sleeps; from now on {@link #wake} has an effect. */
    boolean fallAsleep() {
        long now = System.nanoTime();
        next = wait(last, now - lastWork, yields.rest(now));
        asleep = next == Wait.SLEEP;
        return asleep;
    }

    /** Lets a moment pass: if {@link #fallAsleep} said so, in sleep for at most {@code longest} nanoseconds. */
    void pause(long longest) {
        switch (next) {
            case SLEEP -> {
                LockSupport.parkNanos(this, Math.min(longest, length(System.nanoTime() - lastWork)));
                asleep = false;
            }
            case SPIN -> Thread.onSpinWait();
            case YIELD -> {
                long start = System.nanoTime();
                Thread.yield();
                if (last != Work.COPIED) {
                    yields.took(start, System.nanoTime());
                }
            }
        }
    }

    /** How to wait after some work and so many idle nanoseconds. @param rest whether yields cost too much */
    static Wait wait(Work last, long idle, boolean rest) {
        if (idle >= AWAKE) {
            return Wait.SLEEP;
        }
        if (!rest || last == Work.COPIED) {
            return Wait.YIELD;
        }
        return last == Work.ARRIVED ? Wait.SLEEP : Wait.SPIN;
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
