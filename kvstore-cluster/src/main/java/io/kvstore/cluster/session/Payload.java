package io.kvstore.cluster.session;

import io.kvstore.actor.Layout;
import io.kvstore.tensor.BorrowedSlice;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseSlice;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The data of one request for a whole key, from which each slice's part can be made as often as it must be sent. Holds
 * its tensor until {@link #release}.
 */
interface Payload {

    /** The part of one slice, held once by the caller. */
    Tensor slice(Layout layout, int slice);

    void release();

    /** Slices of a dense or row-sparse tensor of the key's shape, which belongs to the payload from now on. */
    static Payload of(Tensor whole) {
        return new Payload() {
            @Override
            public Tensor slice(Layout layout, int slice) {
                return Payload.slice(whole, layout, slice);
            }

            @Override
            public void release() {
                whole.release();
            }
        };
    }

    /** Slices of an array that the caller lends, read in place; the loan ends with the payload. */
    static Payload ofLent(BorrowedTensor whole) {
        return new Payload() {
            @Override
            public Tensor slice(Layout layout, int slice) {
                return new BorrowedSlice(whole, Math.toIntExact(layout.from(slice)), layout.shapeOf(slice));
            }

            @Override
            public void release() {
                whole.revoke();
            }
        };
    }

    /** Slices that were packed one by one. */
    static Payload ofSlices(List<Tensor> slices) {
        return new Payload() {
            @Override
            public Tensor slice(Layout layout, int slice) {
                return slices.get(slice);
            }

            @Override
            public void release() {
                slices.forEach(Tensor::release);
            }
        };
    }

    private static Tensor slice(Tensor whole, Layout layout, int slice) {
        if (whole instanceof RowSparseTensor rows) {
            if (layout.slices() > 1) {
                return rows(rows, layout, slice);
            }
            rows.rows().retain();
            return rows;
        }
        if (whole instanceof DenseTensor dense) {
            if (layout.slices() == 1) {
                return dense.retain();
            }
            int from = Math.toIntExact(layout.from(slice));
            return new DenseSlice(dense, from, layout.shapeOf(slice));
        }
        if (layout.slices() == 1) {
            return whole; // packed
        }
        throw new IllegalArgumentException("cannot slice " + whole);
    }

    /** The rows that lie in the slice, counted from its first row. */
    private static RowSparseTensor rows(RowSparseTensor whole, Layout layout, int slice) {
        long rowLength = Math.max(1, layout.shape().rowLength());
        Shape shape = layout.shapeOf(slice);
        long first = layout.from(slice) / rowLength;
        long[] ids = whole.idsInPlace();
        int from = position(ids, first);
        int to = position(ids, first + shape.extent(0));
        long[] own = Arrays.copyOfRange(ids, from, to);
        for (int i = 0; i < own.length; i++) {
            own[i] -= first;
        }
        long[] extents = shape.toArray();
        extents[0] = own.length;
        DenseTensor values = DenseTensor.zeros(whole.dtype(), Shape.of(extents));
        ((Dense) whole.rows()).read(Math.toIntExact(from * rowLength), values.data(), 0, values.length());
        return RowSparseTensor.of(shape, own, values);
    }

    private static int position(long[] ids, long id) {
        int found = Arrays.binarySearch(ids, id);
        return found >= 0 ? found : -found - 1;
    }
}
