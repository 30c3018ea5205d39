package io.kvstore.actor;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;

/**
 * The form of a whole key's value, and how it is cut into slices: of its elements in row-major order, each slice but the
 * last has {@code sliceElements}.
 *
 * @param rowSparse whether the key's storage is row-sparse; its slices are whole rows
 * @param sliceElements at least 1
 */
public record Layout(Shape shape, DType dtype, boolean rowSparse, int sliceElements) {

    public Layout {
        if (sliceElements < 1) {
            throw new IllegalArgumentException("a slice must have at least 1 element, given " + sliceElements);
        }
        if (rowSparse && sliceElements % Math.max(1, shape.rowLength()) != 0) {
            throw new IllegalArgumentException("slices of a row-sparse key must be whole rows of " + shape.rowLength()
                    + " elements, given " + sliceElements);
        }
    }

    /** A value that lies in one place, as far as it fits one. */
    public static Layout whole(Shape shape, DType dtype, boolean rowSparse) {
        return sliced(shape, dtype, rowSparse, Long.MAX_VALUE);
    }

    /** Slices of at most {@code sliceBytes}; of a row-sparse key of as many whole rows as fit, at least one. */
    public static Layout sliced(Shape shape, DType dtype, boolean rowSparse, long sliceBytes) {
        long elements = Math.max(1, Math.min(Integer.MAX_VALUE - 8L, sliceBytes / dtype.bytes()));
        if (rowSparse) {
            long row = Math.max(1, shape.rowLength());
            elements = Math.max(row, elements / row * row);
        }
        return new Layout(shape, dtype, rowSparse, Math.toIntExact(elements));
    }

    /** How many slices there are, at least 1. */
    public int slices() {
        return (int) Math.max(1, (shape.length() + sliceElements - 1) / sliceElements);
    }

    /** The slice's first element in the whole. */
    public long from(int slice) {
        return (long) slice * sliceElements;
    }

    /** The slice's number of elements. */
    public int length(int slice) {
        return (int) Math.min(sliceElements, shape.length() - from(slice));
    }

    /** Bytes of the whole value. */
    public long bytes() {
        return shape.length() * dtype.bytes();
    }

    /** The shape of one slice's data: that of the whole if there is one slice only, else rows of it or a vector. */
    public Shape shapeOf(int slice) {
        if (slices() == 1) {
            return shape;
        }
        if (!rowSparse) {
            return Shape.of(length(slice));
        }
        long[] extents = shape.toArray();
        extents[0] = length(slice) / Math.max(1, shape.rowLength());
        return Shape.of(extents);
    }
}
