package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;

/** What a new key makes of the value that it is initialised with. */
final class FirstValue {
    private FirstValue() {}

    /**
     * A tensor of the key's own with the value, which is released in any case.
     *
     * @throws KVStoreException if there is no memory for it, it is no value, or it was lent and taken back meanwhile
     */
    static DenseTensor copyOf(Tensor value, BufferPool pool) {
        try {
            return copy(value, pool);
        } catch (OutOfMemoryError e) {
            throw new KVStoreException(
                    Reason.OUT_OF_MEMORY,
                    "not enough memory for a value of "
                            + value.shape().length() * value.dtype().bytes() + " bytes");
        } finally {
            value.release();
        }
    }

    private static DenseTensor copy(Tensor value, BufferPool pool) {
        if (value instanceof DenseTensor own && own.isExclusive()) {
            return own.retain(); // came over the network for this key alone
        }
        if (value instanceof Dense dense) {
            return pool.copyOf(dense);
        }
        if (!(value instanceof RowSparseTensor sparse)) {
            throw new KVStoreException(
                    Reason.STORAGE_MISMATCH, "init expects a dense or row-sparse value, given " + value);
        }
        if (sparse.shape().length() > DenseTensor.MAX_LENGTH) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "init expects at most " + DenseTensor.MAX_LENGTH
                            + " elements, rows that are zero included, given shape " + sparse.shape());
        }
        return pool.denseCopyOf(sparse);
    }

    /** Which rows of the value may not be zero, if the key is row-sparse; else null. */
    static RowSet rows(Layout layout, Tensor value) {
        if (!layout.rowSparse()) {
            return null;
        }
        if (value instanceof RowSparseTensor sparse) {
            return RowSet.of(sparse.shape(), sparse.idsInPlace());
        }
        RowSet all = RowSet.of(value.shape(), new long[0]);
        all.addAll();
        return all;
    }
}
