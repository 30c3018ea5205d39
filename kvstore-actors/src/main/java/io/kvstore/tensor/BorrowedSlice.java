package io.kvstore.tensor;

/** Consecutive elements of an array that its caller lends, read in place; whoever borrowed the array ends the loan. */
public final class BorrowedSlice implements Dense {
    private final BorrowedTensor whole;
    private final int from;
    private final Shape shape;

    /**
     * @param from the slice's first element
     * @param shape of the slice; its elements lie within {@code whole}
     */
    public BorrowedSlice(BorrowedTensor whole, int from, Shape shape) {
        if (from < 0 || shape.length() > whole.length() - from) {
            throw new IllegalArgumentException("a slice of shape " + shape + " from element " + from
                    + " does not lie within an array of " + whole.length() + " elements");
        }
        this.whole = whole;
        this.from = from;
        this.shape = shape;
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

    /** @throws io.kvstore.KVStoreException once the array was taken back */
    @Override
    public void read(int first, Object target, int at, int count) {
        whole.read(from + first, target, at, count);
    }

    /** As {@link #read(int, Object, int, int)}, to the beginning of {@code target}; false if nothing was read so. */
    boolean read(int first, int count, Primitives target) {
        return whole.read(from + first, count, target);
    }

    @Override
    public Object arrayOrNull() {
        return null;
    }

    /** Does nothing: the loan lasts for all of its slices, and for as often as they are sent. */
    @Override
    public void release() {}

    @Override
    public String toString() {
        return "borrowed slice " + dtype() + shape + " from element " + from;
    }
}
