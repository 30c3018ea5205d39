package io.kvstore.tensor;

import java.util.Map;
import java.util.Deque;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The arrays a store works with, kept for reuse by exact type and length; any thread may use it.
 *
 * <p>Training repeats the same sizes each round, so exact lengths hit; fresh large arrays cost zeroing and garbage
 * collection (1e6 floats: about a hundred additions' worth). The array given back last is taken first, for it may still
 * be in a cache. Idle memory is bounded; sizes no longer asked for are
 * dropped when room is needed.
 */
public final class BufferPool {
    private record Size(DType dtype, int length) {
        long bytes() {
            return (long) length * dtype.bytes();
        }
    }

    private final Map<Size, Deque<Object>> idle = new ConcurrentHashMap<>();
    private final AtomicLong idleBytes = new AtomicLong();
    private final AtomicLong liveBytes = new AtomicLong();
    private final long maxIdleBytes;

    /** A pool that keeps at most {@code maxIdleBytes} unused. */
    public BufferPool(long maxIdleBytes) {
        this.maxIdleBytes = maxIdleBytes;
    }

    /** A tensor of unspecified content, held once by the caller. */
    public DenseTensor take(DType dtype, Shape shape) {
        Size size = new Size(dtype, DenseTensor.checkedLength(shape));
        Deque<Object> queue = idle.get(size);
        Object array = queue == null ? null : queue.poll();
        if (array == null) {
            array = dtype.newArray(size.length);
        } else {
            idleBytes.addAndGet(-size.bytes());
        }
        liveBytes.addAndGet(size.bytes());
        return new DenseTensor(dtype, shape, array, this);
    }

    /** A pooled copy of {@code source}, held once by the caller. */
    public DenseTensor copyOf(Dense source) {
        return filled(source.dtype(), source.shape(), copy -> source.read(0, copy.data(), 0, copy.length()));
    }

    /** A tensor of zeros, held once by the caller. */
    public DenseTensor zeros(DType dtype, Shape shape) {
        return filled(dtype, shape, zeros -> Kernels.fillZero(zeros.data(), 0, zeros.length()));
    }

    /** A pooled dense copy of {@code source}, zeros where it gives no rows, held once by the caller. */
    public DenseTensor denseCopyOf(RowSparseTensor source) {
        DenseTensor dense = zeros(source.dtype(), source.shape());
        source.copyRowsInto(dense);
        return dense;
    }

    /** A tensor that {@code fill} has written, held once by the caller; given back if {@code fill} throws. */
    public DenseTensor filled(DType dtype, Shape shape, Consumer<DenseTensor> fill) {
        DenseTensor tensor = take(dtype, shape);
        try {
            fill.accept(tensor);
            return tensor;
        } catch (RuntimeException | Error e) {
            tensor.release();
            throw e;
        }
    }

    void giveBack(DType dtype, Object array, int length) {
        Size size = new Size(dtype, length);
        liveBytes.addAndGet(-size.bytes());
        if (idleBytes.addAndGet(size.bytes()) > maxIdleBytes) {
            dropOthers(size);
            if (idleBytes.get() > maxIdleBytes) {
                idleBytes.addAndGet(-size.bytes());
                return;
            }
        }
        idle.computeIfAbsent(size, s -> new ConcurrentLinkedDeque<>()).addFirst(array);
    }

    private void dropOthers(Size kept) {
        idle.forEach((size, queue) -> {
            while (!size.equals(kept) && queue.poll() != null) {
                idleBytes.addAndGet(-size.bytes());
            }
        });
    }

    /** Bytes handed out and not given back. */
    public long liveBytes() {
        return liveBytes.get();
    }

    /** Bytes kept for reuse. */
    public long idleBytes() {
        return idleBytes.get();
    }

    /** Drops what is idle; what is released later is kept again. */
    public void clear() {
        dropOthers(null);
    }
}
