package io.kvstore.tensor;

/**
 * Consecutive elements of a dense tensor, read in place. It is one of its tensor's holders until it is released.
 */
public final class DenseSlice implements Dense {
    private final DenseTensor whole;
    private final int from;
    private final Shape shape;

    /**
     * @param whole retained here
     * @param from the slice's first element
     * @param shape of the slice; its elements lie within {@code whole}
     */
    public DenseSlice(DenseTensor whole, int from, Shape shape) {
        if (from < 0 || shape.length() > whole.length() - from) {
            throw new IllegalArgumentException("a slice of shape " + shape + " from element " + from
                    + " does not lie within a tensor of " + whole.length() + " elements");
        }
        this.whole = whole.retain();
        this.from = from;
        this.shape = shape;
    }

    /** The tensor that the elements lie in. */
    public DenseTensor whole() {
        return whole;
    }

    /** The index in {@link #whole} of the first element. */
    public int from() {
        return from;
    }

    @Override
    public DType dtype() {
        return whole.dtype();
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public int length() {
        return (int) shape.length();
    }

    @Override
    public void read(int first, Object target, int at, int count) {
        whole.read(from + first, target, at, count);
    }

    @Override
    public Object arrayOrNull() {
        return from == 0 ? whole.data() : null;
    }

    @Override
    public void release() {
        whole.release();
    }

    @Override
    public String toString() {
        return "slice " + dtype() + shape + " from element " + from;
    }
}
