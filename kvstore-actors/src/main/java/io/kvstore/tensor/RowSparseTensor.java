package io.kvstore.tensor;

import java.util.Arrays;

/**
 * A tensor of which only some rows are given, the others being zero; a row is everything under one index of the first
 * dimension.
 */
public final class RowSparseTensor implements Tensor {
    private final Shape shape;
    private final long[] ids;
    private final DenseTensor rows;

    private RowSparseTensor(Shape shape, long[] ids, DenseTensor rows) {
        this.shape = shape;
        this.ids = ids;
        this.rows = rows;
    }

    /**
     * A tensor of shape {@code shape} whose row {@code ids[i]} is row {@code i} of {@code rows}.
     *
     * @param ids sorted, unique, within {@code [0, shape.extent(0))}; copied
     * @param rows of shape {@code (ids.length, shape[1], ...)}; not copied
     * @throws IllegalArgumentException if the ids are out of order or range, or the rows do not fit
     */
    public static RowSparseTensor of(Shape shape, long[] ids, DenseTensor rows) {
        if (shape.rank() == 0) {
            throw new IllegalArgumentException(
                    "a row-sparse tensor needs at least one dimension, given a scalar shape");
        }
        long[] expected = shape.toArray();
        expected[0] = ids.length;
        if (!rows.shape().equals(Shape.of(expected))) {
            throw new IllegalArgumentException("rows must have shape " + Shape.of(expected) + " for " + ids.length
                    + " ids of a tensor of shape " + shape + ", given " + rows.shape());
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= shape.extent(0)) {
                throw new IllegalArgumentException(
                        "row id " + ids[i] + " at position " + i + " is outside [0, " + shape.extent(0) + ")");
            }
            if (i > 0 && ids[i] <= ids[i - 1]) {
                throw new IllegalArgumentException(
                        "row ids must be sorted and unique, given " + ids[i] + " after " + ids[i - 1]);
            }
        }
        return new RowSparseTensor(shape, ids.clone(), rows);
    }

    /**
     * A never pooled copy of some rows of a table.
     *
     * @param ids rows of the table, in any order and with repeats
     * @throws IllegalArgumentException if an id is out of range
     */
    public static RowSparseTensor gather(DenseTensor table, long[] ids) {
        long[] unique = isSortedUnique(ids) ? ids : sortedUnique(ids);
        long[] extents = table.shape().toArray();
        extents[0] = unique.length;
        RowSparseTensor gathered = of(table.shape(), unique, DenseTensor.zeros(table.dtype(), Shape.of(extents)));
        int length = (int) table.shape().rowLength();
        if (length > 0) {
            for (int i = 0; i < unique.length; i++) {
                table.read((int) unique[i] * length, gathered.rows.data(), i * length, length);
            }
        }
        return gathered;
    }

    /** The distinct ids in ascending order, as a new array. */
    public static long[] sortedUnique(long[] ids) {
        long[] sorted = ids.clone();
        Arrays.sort(sorted);
        int kept = 0;
        for (long id : sorted) {
            if (kept == 0 || sorted[kept - 1] != id) {
                sorted[kept++] = id;
            }
        }
        return Arrays.copyOf(sorted, kept);
    }

    /** Whether the ids ascend, none twice. */
    public static boolean isSortedUnique(long[] ids) {
        for (int i = 1; i < ids.length; i++) {
            if (ids[i] <= ids[i - 1]) {
                return false;
            }
        }
        return true;
    }

    /** Copies the given rows to their places in {@code table}, of the same type and shape; other rows stay. */
    public void copyRowsInto(DenseTensor table) {
        int length = (int) shape.rowLength();
        if (length > 0) {
            for (int i = 0; i < ids.length; i++) {
                rows.read(i * length, table.data(), (int) ids[i] * length, length);
            }
        }
    }

    /** A never pooled dense copy, zeros where no rows are given. */
    public DenseTensor toDense() {
        DenseTensor dense = DenseTensor.zeros(dtype(), shape);
        copyRowsInto(dense);
        return dense;
    }

    /** A copy of the row ids, sorted and unique. */
    public long[] ids() {
        return ids.clone();
    }

    /** The row ids themselves, for reading only. */
    public long[] idsInPlace() {
        return ids;
    }

    /** The given rows, shape {@code (ids, shape[1], ...)}. */
    public DenseTensor rows() {
        return rows;
    }

    @Override
    public DType dtype() {
        return rows.dtype();
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public long bytes() {
        return rows.bytes() + 8L * ids.length;
    }

    @Override
    public void release() {
        rows.release();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RowSparseTensor that
                && shape.equals(that.shape)
                && Arrays.equals(ids, that.ids)
                && rows.equals(that.rows);
    }

    @Override
    public int hashCode() {
        return 31 * shape.hashCode() + Arrays.hashCode(ids);
    }

    @Override
    public String toString() {
        return "row-sparse " + shape + " rows " + Arrays.toString(ids) + " " + rows;
    }
}
