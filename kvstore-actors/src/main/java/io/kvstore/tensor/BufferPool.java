package io.kvstore.tensor;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * The arrays a store works with, kept for reuse by exact type and length; any thread may use it.
 *
 * <p>Training repeats the same sizes each round, so exact lengths hit; fresh large arrays cost zeroing and garbage
 * collection (1e6 floats: about a hundred additions' worth). What is idle may be shared with other pools, whose arrays then
 * come from each other; what is live is counted by each pool alone.
 */
public final class BufferPool {
    private final LongAdder liveBytes = new LongAdder();
    private final IdleArrays idle;

    /**
     * A pool that shares at most half of the heap, unused, with all others of the JVM that are made so; arrays of less than a
     * KiB are left to the garbage collector.
     */
    public BufferPool() {
        this(IdleArrays.OF_JVM);
    }

    /** A pool that keeps at most {@code maxIdleBytes} unused. */
    public BufferPool(long maxIdleBytes) {
        this(new IdleArrays(maxIdleBytes, 0));
    }

    private BufferPool(IdleArrays idle) {
        this.idle = idle;
    }

    /** One more pool over the same idle arrays. */
    public BufferPool sibling() {
        return new BufferPool(idle);
    }

    /** A tensor of unspecified content, held once by the caller. */
    public DenseTensor take(DType dtype, Shape shape) {
        int length = DenseTensor.checkedLength(shape);
        Object array = idle.take(dtype, length);
        liveBytes.add((long) length * dtype.bytes());
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
        liveBytes.add(-(long) length * dtype.bytes());
        idle.add(dtype, array, length);
    }

    /** Bytes handed out and not given back. */
    public long liveBytes() {
        return liveBytes.sum();
    }

    /** Bytes kept for reuse, by all pools that share them. */
    public long idleBytes() {
        return idle.bytes();
    }

    /** Drops what is idle, for all pools that share it; what is released later is kept again. */
    public void clear() {
        idle.clear();
    }
}
