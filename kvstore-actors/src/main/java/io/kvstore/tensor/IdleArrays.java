package io.kvstore.tensor;

import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Arrays that nobody uses, by exact type and length, for the pools that share them; any thread may use it. The one given back
 * last is taken first, for it may still be in a cache. Their bytes are bounded; sizes no longer asked for are dropped when
 * room is needed.
 */
final class IdleArrays {
    /**
     * Shared by all pools without a bound of their own: one store can have several, and a JVM several stores, whose bounds
     * would add up to more than its heap. Half of the heap is what a round frees before the next one takes it.
     */
    static final IdleArrays OF_JVM = new IdleArrays(Runtime.getRuntime().maxMemory() / 2);

    private record Size(DType dtype, int length) {
        long bytes() {
            return (long) length * dtype.bytes();
        }
    }

    private final Map<Size, Deque<Object>> arrays = new ConcurrentHashMap<>();
    private final AtomicLong bytes = new AtomicLong();
    private final long maxBytes;

    IdleArrays(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * An array of unspecified content, a new one if none is idle. What is idle never leaves too little memory for it: then
     * all of that is dropped first.
     */
    Object take(DType dtype, int length) {
        Size size = new Size(dtype, length);
        Deque<Object> queue = arrays.get(size);
        Object array = queue == null ? null : queue.poll();
        if (array != null) {
            bytes.addAndGet(-size.bytes());
            return array;
        }
        try {
            return dtype.newArray(length);
        } catch (OutOfMemoryError e) {
            clear();
            return dtype.newArray(length);
        }
    }

    void add(DType dtype, Object array, int length) {
        Size size = new Size(dtype, length);
        if (bytes.addAndGet(size.bytes()) > maxBytes) {
            dropOthers(size);
            if (bytes.get() > maxBytes) {
                bytes.addAndGet(-size.bytes());
                return;
            }
        }
        arrays.computeIfAbsent(size, s -> new ConcurrentLinkedDeque<>()).addFirst(array);
    }

    private void dropOthers(Size kept) {
        arrays.forEach((size, queue) -> {
            while (!size.equals(kept) && queue.poll() != null) {
                bytes.addAndGet(-size.bytes());
            }
        });
    }

    long bytes() {
        return bytes.get();
    }

    /** Drops what is idle; what is added later is kept again. */
    void clear() {
        dropOthers(null);
    }
}
