package io.kvstore.session;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The bytes that a store may hold captured and not yet applied. Grants are in order of asking and counted in KiB, so a
 * tiny push counts as one; one that is larger than the whole is granted when nothing else is held.
 */
final class Budget {
    private static final int UNIT = 1024;

    private final int units;
    private final Semaphore free;

    Budget(long bytes) {
        this.units = (int) Math.max(1, Math.min(Integer.MAX_VALUE, bytes / UNIT));
        this.free = new Semaphore(units, true);
    }

    /** What {@code bytes} cost, to be given back as it was taken. */
    int cost(long bytes) {
        return (int) Math.min(units, (bytes + UNIT - 1) / UNIT + (bytes == 0 ? 1 : 0));
    }

    boolean tryTake(int cost) {
        return free.tryAcquire(cost);
    }

    boolean take(int cost, long timeoutNanos) throws InterruptedException {
        return free.tryAcquire(cost, timeoutNanos, TimeUnit.NANOSECONDS);
    }

    void giveBack(int cost) {
        free.release(cost);
    }

    long heldBytes() {
        return (long) (units - free.availablePermits()) * UNIT;
    }
}
