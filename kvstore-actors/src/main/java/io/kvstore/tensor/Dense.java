package io.kvstore.tensor;

/** A tensor with a value for every element, in row-major (C) order. */
public sealed interface Dense extends Tensor
        permits DenseTensor, DenseSlice, BorrowedTensor, BorrowedSlice, DecodedTensor, LentSum {

    /** The number of elements. */
    int length();

    /**
     * Copies elements {@code [from, from + count)} into {@code target}, a primitive array of the element type, at
     * {@code at}.
     */
    void read(int from, Object target, int at, int count);

    @Override
    default long bytes() {
        return (long) length() * dtype().bytes();
    }

    /** The array that already holds the elements from index 0, or null if they must be {@link #read}. */
    Object arrayOrNull();
}
