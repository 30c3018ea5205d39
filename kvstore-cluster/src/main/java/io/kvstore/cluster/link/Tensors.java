package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.Arrays;

/**
 * How tensors stand in bytes: form (0 dense, 1 row-sparse, 2 encoded), type, shape, then
 *
 * <pre>
 *   dense        the elements, row-major
 *   row-sparse   n, n row ids (i64), the rows' elements
 *   encoded      the codec's name, length, payload
 * </pre>
 *
 * <p>Elements are copied in bulk between the tensor's array and the buffer, without anything in between.
 */
final class Tensors {
    /** The most dimensions of a tensor from the network; ND4J's own limit. */
    static final int MAX_RANK = 32;

    /** The least size of a tensor, in bytes. */
    static final int LEAST_BYTES = 3;

    private static final int DENSE = 0;
    private static final int ROW_SPARSE = 1;
    private static final int ENCODED = 2;

    /** A type's place here is its number on the wire: never change one, only add. */
    private static final DType[] TYPES = {
        DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16, DType.INT8, DType.UINT8, DType.INT32, DType.INT64
    };

    private Tensors() {}

    static void tensor(WireOut out, Tensor tensor) {
        if (tensor instanceof Dense dense) {
            head(out.u8(DENSE), tensor).elements(dense);
        } else if (tensor instanceof RowSparseTensor sparse) {
            head(out.u8(ROW_SPARSE), tensor).i64s(sparse.idsInPlace()).elements(sparse.rows());
        } else if (tensor instanceof EncodedTensor encoded) {
            head(out.u8(ENCODED), tensor).text(encoded.codec()).bytes(encoded.payload());
        } else {
            throw new KVStoreException(
                    Reason.UNSUPPORTED, "an array on a GPU stays in its process and cannot be sent: " + tensor);
        }
    }

    private static WireOut head(WireOut out, Tensor tensor) {
        dtype(out, tensor.dtype());
        shape(out, tensor.shape());
        return out;
    }

    static Tensor tensor(WireIn in) {
        int form = in.u8();
        DType dtype = dtype(in);
        Shape shape = shape(in);
        return switch (form) {
            case DENSE -> in.elements(dtype, shape);
            case ROW_SPARSE -> rowSparse(in, dtype, shape);
            case ENCODED -> new EncodedTensor(in.text(), dtype, shape, in.bytes());
            default -> throw new WireException("a tensor of unknown form " + form);
        };
    }

    static DenseTensor dense(WireIn in) {
        if (tensor(in) instanceof DenseTensor dense) {
            return dense;
        }
        throw new WireException("expected a dense tensor");
    }

    static RowSparseTensor rowSparse(WireIn in) {
        if (tensor(in) instanceof RowSparseTensor sparse) {
            return sparse;
        }
        throw new WireException("expected a row-sparse tensor");
    }

    private static RowSparseTensor rowSparse(WireIn in, DType dtype, Shape shape) {
        long[] ids = in.i64s();
        if (shape.rank() == 0) {
            throw new WireException("a row-sparse tensor of a scalar's shape");
        }
        long[] extents = shape.toArray();
        extents[0] = ids.length;
        return RowSparseTensor.of(shape, ids, in.elements(dtype, Shape.of(extents)));
    }

    static void dtype(WireOut out, DType dtype) {
        for (int i = 0; i < TYPES.length; i++) {
            if (TYPES[i] == dtype) {
                out.u8(i);
                return;
            }
        }
        throw new IllegalStateException("element type " + dtype + " has no number on the wire");
    }

    static DType dtype(WireIn in) {
        int number = in.u8();
        if (number >= TYPES.length) {
            throw new WireException("an element type of unknown number " + number);
        }
        return TYPES[number];
    }

    static void shape(WireOut out, Shape shape) {
        out.u8(shape.rank());
        for (int i = 0; i < shape.rank(); i++) {
            out.i64(shape.extent(i));
        }
    }

    static Shape shape(WireIn in) {
        int rank = in.u8();
        if (rank > MAX_RANK) {
            throw new WireException("a shape of " + rank + " dimensions, at most " + MAX_RANK + " are allowed");
        }
        long[] extents = new long[rank];
        for (int i = 0; i < rank; i++) {
            extents[i] = in.i64();
        }
        try {
            return Shape.of(extents);
        } catch (ArithmeticException e) {
            throw new WireException("a shape with more elements than can be counted: " + Arrays.toString(extents), e);
        }
    }
}
