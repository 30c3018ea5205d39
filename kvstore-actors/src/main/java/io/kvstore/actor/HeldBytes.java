package io.kvstore.actor;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of contributions the keys of one store may hold on a node before their turn; any thread may use it. */
final class HeldBytes {
    private final AtomicLong held = new AtomicLong();
    private final long limit;

    HeldBytes(long limit) {
        this.limit = limit;
    }

    /** Takes room for {@code bytes}, more than the whole only when nothing is held. */
    boolean tryTake(long bytes) {
        while (true) {
            long before = held.get();
            if (before > 0 && before + bytes > limit) {
                return false;
            }
            if (held.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    long bytes() {
        return held.get();
    }
}
