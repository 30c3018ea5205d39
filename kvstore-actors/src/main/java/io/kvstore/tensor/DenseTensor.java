package io.kvstore.tensor;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A dense tensor on the Java heap: one primitive array in row-major order, at most 2^31 - 9 elements.
 *
 * <p>The heap was chosen over direct memory by measurement: Java 17 vectorises loops over heap arrays and not over
 * buffers, and a heap array needs no lifetime rules (docs/performance.md). Equality is bit by bit.
 */
public final class DenseTensor implements Dense {
    /** The greatest number of elements of one tensor. */
    public static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

    private static final AtomicIntegerFieldUpdater<DenseTensor> HOLDERS =
            AtomicIntegerFieldUpdater.newUpdater(DenseTensor.class, "holders");

    private final DType dtype;
    private final Shape shape;
    private final BufferPool pool; // null: left to the garbage collector
    private volatile int holders = 1;
    private Object data;

    DenseTensor(DType dtype, Shape shape, Object data, BufferPool pool) {
        this.dtype = dtype;
        this.shape = shape;
        this.data = data;
        this.pool = pool;
    }

    /** A tensor of zeros that is never pooled. */
    public static DenseTensor zeros(DType dtype, Shape shape) {
        return new DenseTensor(dtype, shape, dtype.newArray(checkedLength(shape)), null);
    }

    /** A copy of {@code values} with the given extents; without extents a vector. */
    public static DenseTensor of(float[] values, long... extents) {
        return wrap(DType.FLOAT32, values.clone(), values.length, extents);
    }

    /** A copy of {@code values} with the given extents; without extents a vector. */
    public static DenseTensor of(double[] values, long... extents) {
        return wrap(DType.FLOAT64, values.clone(), values.length, extents);
    }

    private static DenseTensor wrap(DType dtype, Object data, int length, long[] extents) {
        Shape shape = extents.length == 0 ? Shape.of(length) : Shape.of(extents);
        if (shape.length() != length) {
            throw new IllegalArgumentException(
                    "shape " + shape + " needs " + shape.length() + " values, given " + length);
        }
        return new DenseTensor(dtype, shape, data, null);
    }

    static int checkedLength(Shape shape) {
        if (shape.length() > MAX_LENGTH) {
            throw new IllegalArgumentException("shape " + shape + " has " + shape.length() + " elements, at most "
                    + MAX_LENGTH + " fit one tensor");
        }
        return (int) shape.length();
    }

    @Override
    public DType dtype() {
        return dtype;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public int length() {
        return (int) shape.length();
    }

    /**
     * The elements: a {@code float[]}, {@code double[]}, {@code short[]}, {@code byte[]}, {@code int[]} or
     * {@code long[]} by {@link #dtype}. Only the tensor's single owner may write into it, and only before it is shared.
     */
    public Object data() {
        Object current = data;
        if (current == null) {
            throw new IllegalStateException("tensor " + dtype + shape + " was released");
        }
        return current;
    }

    /** The elements of a float32 tensor, not copied. */
    public float[] floats() {
        return (float[]) data();
    }

    /** The elements of a float64 tensor, not copied. */
    public double[] doubles() {
        return (double[]) data();
    }

    @Override
    public Object arrayOrNull() {
        return data();
    }

    @Override
    @SuppressWarnings("SuspiciousSystemArraycopy")
    public void read(int from, Object target, int at, int count) {
        System.arraycopy(data(), from, target, at, count);
    }

    /** Zeroes {@code count} elements from {@code from} on; for the tensor's single owner. */
    public void fillZero(int from, int count) {
        Kernels.fillZero(data(), from, from + count);
    }

    /** Adds {@code count} elements of {@code values} from {@code from} on to those from {@code at} on; as its owner. */
    public void add(int at, DenseTensor values, int from, int count) {
        Kernels.add(dtype, data(), at, values.data(), from, count);
    }

    /** Whether {@code count} elements from {@code from} on are all 0 or -0. */
    public boolean isZero(int from, int count) {
        for (int i = from; i < from + count; i++) {
            if (Casts.getDouble(dtype, data(), i) != 0) {
                return false;
            }
        }
        return true;
    }

    /** Adds a holder: one more {@link #release} gives the memory back. */
    public DenseTensor retain() {
        if (pool != null) {
            int before = HOLDERS.getAndIncrement(this);
            if (before <= 0) {
                HOLDERS.getAndDecrement(this);
                throw new IllegalStateException("tensor " + dtype + shape + " was released");
            }
        }
        return this;
    }

    @Override
    public void release() {
        if (pool == null) {
            return;
        }
        int left = HOLDERS.decrementAndGet(this);
        if (left < 0) {
            HOLDERS.getAndIncrement(this);
            throw new IllegalStateException("tensor " + dtype + shape + " was released more often than it was held");
        }
        if (left == 0) {
            Object freed = data;
            data = null;
            pool.giveBack(dtype, freed, length());
        }
    }

    /** Whether the caller, itself a holder, is the only one, so that it may write. */
    public boolean isExclusive() {
        return pool != null && holders == 1;
    }

    /** A new array of the caller's own with this value. */
    public INDArray toINDArray() {
        return NdView.newArray(this);
    }

    /** A copy that is never pooled. */
    public DenseTensor copy() {
        DenseTensor copy = zeros(dtype, shape);
        read(0, copy.data, 0, length());
        return copy;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DenseTensor that
                && dtype == that.dtype
                && shape.equals(that.shape)
                && Bits.equal(data(), that.data());
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + dtype.hashCode();
    }

    @Override
    public String toString() {
        int shown = Math.min(length(), 8);
        Object head = dtype.newArray(shown);
        if (data == null) {
            return dtype + shape.toString() + "[released]";
        }
        read(0, head, 0, shown);
        String text = head instanceof float[] f
                ? Arrays.toString(f)
                : head instanceof double[] d ? Arrays.toString(d) : Bits.toString(dtype, head);
        return dtype + shape.toString() + (shown < length() ? text.replace("]", ", ...]") : text);
    }
}
