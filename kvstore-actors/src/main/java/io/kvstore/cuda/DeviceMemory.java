package io.kvstore.cuda;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Device memory of one GPU, kept for use again by its size. Any thread may call it, and none waits for work on a buffer: one
 * that streams still work on is given out all the same, and its new user's stream waits for them. Only where the pool
 * grows or frees what is beyond its bound may the driver itself wait ({@link Gpu#allocate}, {@link Gpu#free}).
 *
 * <p>Sizes are rounded up to one of eight steps in each power of two, so that at most an eighth is lost. What is idle beyond
 * the bound is freed, as soon as nothing works on it.
 */
public final class DeviceMemory implements AutoCloseable {
    private static final int SMALLEST = 256;
    private static final int STEPS_BITS = 3;
    private static final long PAUSE_NANOS = 50_000;

    /** A buffer that nobody holds, and the events of those who did. */
    private record Idle(long address, long size, List<GpuEvent> uses) {
        boolean isDone() {
            return uses.stream().allMatch(GpuEvent::isDone);
        }
    }

    private final Gpu gpu;
    private final long mostIdleBytes;
    private final NavigableMap<Long, Deque<Idle>> idle = new TreeMap<>();
    private final List<Idle> surplus = new ArrayList<>();
    private final Deque<GpuEvent> events = new ArrayDeque<>();
    private long usedBytes;
    private long idleBytes;
    private boolean closed;

    /** @param mostIdleBytes how much is kept for use again, at the most */
    public DeviceMemory(Gpu gpu, long mostIdleBytes) {
        this.gpu = gpu;
        this.mostIdleBytes = mostIdleBytes;
    }

    /**
     * A buffer of undefined content, for work that is given to {@code user} from now on; other streams wait for an event of
     * {@code user} before they touch it. The caller {@linkplain DeviceBuffer#release releases} it.
     *
     * @throws CudaException {@code OUT_OF_MEMORY} if there is not so much, even though what was idle was given back
     */
    public synchronized DeviceBuffer take(long bytes, GpuStream user) {
        long size = sizeFor(bytes);
        freeSurplus();
        Idle found = poll(idle.get(size));
        if (found == null) {
            found = allocate(size);
        }
        try {
            List<GpuEvent> unfinished = new ArrayList<>(found.uses.size());
            for (GpuEvent use : found.uses) {
                if (!use.isDone()) {
                    user.await(use);
                    unfinished.add(use);
                }
            }
            found.uses.stream().filter(use -> !unfinished.contains(use)).forEach(events::add);
            usedBytes += found.size;
            return new DeviceBuffer(this, found.address, found.size, unfinished);
        } catch (CudaException e) {
            retire(found);
            throw e;
        }
    }

    /** At least {@code bytes}, in one of eight steps for each power of two. */
    static long sizeFor(long bytes) {
        long wanted = Math.max(bytes, SMALLEST);
        long step = Long.highestOneBit(wanted - 1 | 1) >> STEPS_BITS;
        return (wanted + step - 1) / step * step;
    }

    private Idle poll(Deque<Idle> sameSize) {
        Idle found = sameSize == null ? null : sameSize.poll();
        if (found != null) {
            idleBytes -= found.size;
        }
        return found;
    }

    /** New memory; if there is no more, after idle buffers were given back, a bigger one that is still worked on. */
    private Idle allocate(long size) {
        try {
            return new Idle(gpu.allocate(size), size, List.of());
        } catch (CudaException e) {
            if (e.kind() != CudaException.Kind.OUT_OF_MEMORY) {
                throw e;
            }
            freeIdle();
            return allocateAgain(size);
        }
    }

    private Idle allocateAgain(long size) {
        try {
            return new Idle(gpu.allocate(size), size, List.of());
        } catch (CudaException e) {
            for (Deque<Idle> bigger : idle.tailMap(size).values()) {
                Idle found = poll(bigger);
                if (found != null) {
                    return found;
                }
            }
            throw e;
        }
    }

    /** @param earlier the uses before the holder's, of which only the holder's first stream knows */
    synchronized void release(long address, long size, List<GpuEvent> earlier, GpuStream... usedBy) {
        usedBytes -= size;
        List<GpuEvent> uses = new ArrayList<>(earlier);
        try {
            for (GpuStream stream : usedBy) {
                GpuEvent event = events.isEmpty() ? gpu.newEvent() : events.poll();
                uses.add(event);
                stream.record(event);
            }
        } catch (CudaException e) { // the device is lost, and with it the memory
            events.addAll(uses);
            gpu.free(address);
            return;
        }
        Idle released = new Idle(address, size, uses);
        if (closed) {
            retire(released);
            close();
        } else if (idleBytes + size > mostIdleBytes) {
            retire(released);
        } else {
            idleBytes += size;
            idle.computeIfAbsent(size, any -> new ArrayDeque<>()).add(released);
        }
        freeSurplus();
    }

    private void retire(Idle buffer) {
        idleBytes += buffer.size;
        surplus.add(buffer);
    }

    private void freeSurplus() {
        freeDone(surplus.iterator());
    }

    private void freeIdle() {
        freeSurplus();
        idle.values().forEach(sameSize -> freeDone(sameSize.iterator()));
    }

    private void freeDone(Iterator<Idle> buffers) {
        while (buffers.hasNext()) {
            Idle buffer = buffers.next();
            if (isDoneOrLost(buffer)) {
                buffers.remove();
                idleBytes -= buffer.size;
                events.addAll(buffer.uses);
                gpu.free(buffer.address);
            }
        }
    }

    private static boolean isDoneOrLost(Idle buffer) {
        try {
            return buffer.isDone();
        } catch (CudaException e) {
            return true;
        }
    }

    /** Bytes of buffers that somebody holds. */
    public synchronized long usedBytes() {
        return usedBytes;
    }

    /** Bytes that are kept for use again, and those that are to be freed. */
    public synchronized long idleBytes() {
        return idleBytes;
    }

    /** Frees what is idle, and from now on what is released; waits for the work on it. */
    @Override
    public synchronized void close() {
        closed = true;
        for (freeIdle(); idleBytes > 0; freeIdle()) {
            LockSupport.parkNanos(PAUSE_NANOS); // kernels and copies end, or their device is lost
        }
        events.forEach(GpuEvent::close);
        events.clear();
    }
}
