package io.kvstore.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The extents of a tensor, outermost first; immutable. A scalar has none, and an extent may be 0. */
public final class Shape {
    private final long[] extents;
    private final long length;

    private Shape(long[] extents) {
        long product = 1;
        for (long extent : extents) {
            if (extent < 0) {
                throw new IllegalArgumentException("negative extent in shape " + text(extents));
            }
            product = Math.multiplyExact(product, extent);
        }
        this.extents = extents;
        this.length = product;
    }

    public static Shape of(long... extents) {
        return new Shape(extents.clone());
    }

    /** The number of elements. */
    public long length() {
        return length;
    }

    public int rank() {
        return extents.length;
    }

    public long extent(int dimension) {
        return extents[dimension];
    }

    /** A copy of the extents. */
    public long[] toArray() {
        return extents.clone();
    }

    /** Elements in one row, a row being everything under one index of the first dimension. */
    public long rowLength() {
        long product = 1;
        for (int i = 1; i < extents.length; i++) {
            product *= extents[i];
        }
        return product;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape that && Arrays.equals(extents, that.extents);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(extents);
    }

    @Override
    public String toString() {
        return text(extents);
    }

    private static String text(long[] extents) {
        String inner = Arrays.stream(extents).mapToObj(Long::toString).collect(Collectors.joining(", "));
        return extents.length == 1 ? "(" + inner + ",)" : "(" + inner + ")";
    }
}
