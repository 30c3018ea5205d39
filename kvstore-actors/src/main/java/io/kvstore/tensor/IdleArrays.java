package io.kvstore.tensor;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.SoftReference;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Arrays that nobody uses, by exact type and length, for the pools that share them; any thread may use it. The one given back
 * last is taken first, for it may still be in a cache. Their bytes are bounded; sizes no longer asked for are dropped when
 * room is needed, and all of them are the garbage collector's before any thread of the JVM runs out of memory.
 */
final class IdleArrays {
    /**
     * Shared by all pools without a bound of their own: one store can have several, and a JVM several stores, whose bounds
     * would add up to more than its heap. Half of the heap is what a round frees before the next one takes it.
     */
    static final IdleArrays OF_JVM = new IdleArrays(Runtime.getRuntime().maxMemory() / 2, 1024);

    private record Size(DType dtype, int length) {
        long bytes() {
            return (long) length * dtype.bytes();
        }
    }

    /** An array as long as memory is not needed for anything else; its bytes are counted until somebody discounts them. */
    private static final class Idle extends SoftReference<Object> {
        private final Size size;
        private final AtomicBoolean counted = new AtomicBoolean(true);

        Idle(Object array, Size size, ReferenceQueue<Object> collected) {
            super(array, collected);
            this.size = size;
        }
    }

    private final Map<Size, Deque<Idle>> arrays = new ConcurrentHashMap<>();
    private final ReferenceQueue<Object> collected = new ReferenceQueue<>();
    private final AtomicLong bytes = new AtomicLong();
    private final long maxBytes;
    private final int leastBytes;

    /** @param leastBytes smaller arrays are not kept: to make one anew costs less than to keep it */
    IdleArrays(long maxBytes, int leastBytes) {
        this.maxBytes = maxBytes;
        this.leastBytes = leastBytes;
    }

    /** An array of unspecified content, a new one if none is idle. */
    Object take(DType dtype, int length) {
        if (length * (long) dtype.bytes() < leastBytes) {
            return dtype.newArray(length);
        }
        Deque<Idle> queue = arrays.get(new Size(dtype, length));
        for (Idle idle = poll(queue); idle != null; idle = poll(queue)) {
            Object array = idle.get();
            discount(idle);
            if (array != null) {
                return array;
            }
        }
        return dtype.newArray(length);
    }

    private static Idle poll(Deque<Idle> queue) {
        return queue == null ? null : queue.poll();
    }

    void add(DType dtype, Object array, int length) {
        if (length * (long) dtype.bytes() < leastBytes) {
            return;
        }
        Size size = new Size(dtype, length);
        if (bytes.addAndGet(size.bytes()) > maxBytes) {
            sweep();
            if (bytes.get() > maxBytes) {
                dropOthers(size);
            }
            if (bytes.get() > maxBytes) {
                bytes.addAndGet(-size.bytes());
                return;
            }
        }
        arrays.computeIfAbsent(size, s -> new ConcurrentLinkedDeque<>()).addFirst(new Idle(array, size, collected));
    }

    private void discount(Idle idle) {
        if (idle.counted.compareAndSet(true, false)) {
            bytes.addAndGet(-idle.size.bytes());
        }
    }

    /** Forgets what the garbage collector has taken. */
    private void sweep() {
        Set<Size> sizes = new HashSet<>();
        for (Reference<?> gone = collected.poll(); gone != null; gone = collected.poll()) {
            Idle idle = (Idle) gone;
            discount(idle);
            sizes.add(idle.size);
        }
        sizes.forEach(size -> arrays.get(size).removeIf(idle -> idle.refersTo(null)));
    }

    private void dropOthers(Size kept) {
        arrays.forEach((size, queue) -> {
            if (!size.equals(kept)) {
                for (Idle idle = queue.poll(); idle != null; idle = queue.poll()) {
                    discount(idle);
                }
            }
        });
    }

    long bytes() {
        sweep();
        return bytes.get();
    }

    /** Drops what is idle; what is added later is kept again. */
    void clear() {
        dropOthers(null);
    }
}
