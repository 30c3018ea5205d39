package io.kvstore.cluster.session;

import io.kvstore.Key;
import io.kvstore.actor.Layout;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;

/**
 * A key whose value is a ledger: each slice has the same cells. Cell 0 tells whose first value it is; each push has a cell
 * of its own, to which it adds a one in every slice.
 */
record LedgerKey(Key key, int slices, int cells, int rowLength, Layout layout) {

    static LedgerKey of(Key key, int slices, int cells, boolean rowSparse) {
        int rowLength = rowSparse ? 2 : 1;
        Shape shape = rowSparse ? Shape.of((long) slices * cells, rowLength) : Shape.of((long) slices * cells);
        return new LedgerKey(
                key, slices, cells, rowLength, new Layout(shape, DType.FLOAT32, rowSparse, cells * rowLength));
    }

    /** The first value of a worker: its mark in cell 0 of every slice. */
    Tensor first(BufferPool pool, float mark) {
        return rows(pool, 0, mark);
    }

    /** A gradient with a one in a push's cell of every slice. */
    Tensor gradient(BufferPool pool, int cell) {
        return rows(pool, cell, 1);
    }

    private Tensor rows(BufferPool pool, int cell, float value) {
        if (!layout.rowSparse()) {
            DenseTensor dense = pool.zeros(DType.FLOAT32, layout.shape());
            for (int slice = 0; slice < slices; slice++) {
                dense.floats()[slice * cells + cell] = value;
            }
            return dense;
        }
        long[] ids = new long[slices];
        for (int slice = 0; slice < slices; slice++) {
            ids[slice] = (long) slice * cells + cell;
        }
        DenseTensor rows = pool.zeros(DType.FLOAT32, Shape.of(slices, rowLength));
        java.util.Arrays.fill(rows.floats(), value);
        return RowSparseTensor.of(layout.shape(), ids, rows);
    }

    /** The ids of all rows of a row-sparse key. */
    long[] allRows() {
        return java.util.stream.LongStream.range(0, (long) slices * cells).toArray();
    }

    /** The cell that a slice of a gradient has its one in. */
    int cellOf(Tensor slice) {
        if (slice instanceof RowSparseTensor rows) {
            return Math.toIntExact(rows.idsInPlace()[0]);
        }
        Dense dense = (Dense) slice;
        float[] elements = new float[dense.length()];
        dense.read(0, elements, 0, elements.length);
        int cell = 0;
        while (elements[cell] == 0) {
            cell++;
        }
        return cell;
    }

    /** The value as slices of cells; the elements of a row are equal. */
    float[][] cells(float[] whole) {
        float[][] all = new float[slices][cells];
        for (int i = 0; i < slices * cells; i++) {
            all[i / cells][i % cells] = whole[i * rowLength];
            if (rowLength > 1 && whole[i * rowLength] != whole[i * rowLength + 1]) {
                throw new AssertionError(key + ": row " + i + " is torn");
            }
        }
        return all;
    }
}
