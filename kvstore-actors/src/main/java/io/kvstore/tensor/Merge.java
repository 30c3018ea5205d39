package io.kvstore.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * The sum of what the devices of one push gave: row-sparse if every value is, else dense.
 *
 * <p>Row-sparse values may give different rows; the sum gives all of them. Each of its rows starts at zero and has the values'
 * rows added one after the other, in stores of every type (MXNet: src/ndarray/ndarray_function.cc, ElementwiseSumRsp).
 * Mixed with dense values a row-sparse one counts as dense, in the order of {@link Kernels}; in MXNet all become of
 * the kind of the first.
 */
public final class Merge {
    private Merge() {}

    /**
     * The sum of {@code values}, at least one, all of one type and shape; they are only read. The result is a new tensor,
     * held once by the caller: a dense one in a buffer of {@code pool}, a row-sparse one never pooled, since the number of
     * its rows is hardly ever the same twice.
     *
     * @param group the order of dense sums, see {@link Kernels#sum(List, DenseTensor, int)}
     */
    public static Tensor sum(List<? extends Tensor> values, BufferPool pool, int group) {
        return sum(values, pool, group, null);
    }

    /** As {@link #sum(List, BufferPool, int)}; a dense sum goes to {@code outlet} as well, unless that is null. */
    public static Tensor sum(List<? extends Tensor> values, BufferPool pool, int group, Outlet outlet) {
        return isRowSparse(values) ? sumRows(values) : sumDense(values, pool, group, outlet);
    }

    /** Whether every value is row-sparse, and so the sum. */
    public static boolean isRowSparse(List<? extends Tensor> values) {
        for (Tensor value : values) {
            if (!(value instanceof RowSparseTensor)) {
                return false;
            }
        }
        return true;
    }

    private static DenseTensor sumDense(List<? extends Tensor> values, BufferPool pool, int group, Outlet outlet) {
        List<DenseTensor> scratch = new ArrayList<>();
        try {
            List<Dense> dense = new ArrayList<>(values.size());
            for (Tensor value : values) {
                if (value instanceof RowSparseTensor rows) {
                    scratch.add(pool.denseCopyOf(rows));
                    dense.add(scratch.get(scratch.size() - 1));
                } else {
                    dense.add((Dense) value);
                }
            }
            Tensor first = values.get(0);
            return pool.filled(first.dtype(), first.shape(), sum -> Kernels.sum(dense, sum, group, outlet));
        } finally {
            scratch.forEach(DenseTensor::release);
        }
    }

    private static RowSparseTensor sumRows(List<? extends Tensor> values) {
        List<RowSparseTensor> sparse =
                values.stream().map(RowSparseTensor.class::cast).toList();
        Shape shape = sparse.get(0).shape();
        long[] ids = ids(sparse);
        long[] extents = shape.toArray();
        extents[0] = ids.length;
        DenseTensor rows = DenseTensor.zeros(sparse.get(0).dtype(), Shape.of(extents));
        for (RowSparseTensor value : sparse) {
            addRows(value, ids, rows, (int) shape.rowLength());
        }
        return RowSparseTensor.of(shape, ids, rows);
    }

    /** The ids of the rows of the sum: all that the values give, ascending; only to be read. */
    public static long[] ids(List<RowSparseTensor> values) {
        if (values.size() == 1) {
            return values.get(0).idsInPlace();
        }
        long[] all = new long
                [values.stream().mapToInt(value -> value.idsInPlace().length).reduce(0, Math::addExact)];
        int filled = 0;
        for (RowSparseTensor value : values) {
            long[] ids = value.idsInPlace();
            System.arraycopy(ids, 0, all, filled, ids.length);
            filled += ids.length;
        }
        return RowSparseTensor.sortedUnique(all);
    }

    /**
     * For each row of a sum the index of the value's row that belongs there, or -1.
     *
     * @param ids {@link #ids} of the sum, which has all of the value's
     */
    public static int[] places(RowSparseTensor value, long[] ids) {
        long[] own = value.idsInPlace();
        int[] places = new int[ids.length];
        int next = 0;
        for (int at = 0; at < ids.length; at++) {
            places[at] = next < own.length && own[next] == ids[at] ? next++ : -1;
        }
        return places;
    }

    /** {@code ids}, which has all of the value's, says under which index each row of the sum stands. */
    private static void addRows(RowSparseTensor value, long[] ids, DenseTensor sum, int length) {
        long[] own = value.idsInPlace();
        int at = 0;
        for (int i = 0; i < own.length; i++) {
            while (ids[at] < own[i]) {
                at++;
            }
            Kernels.add(sum.dtype(), sum.data(), at * length, value.rows().data(), i * length, length);
        }
    }
}
