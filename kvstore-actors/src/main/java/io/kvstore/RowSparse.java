package io.kvstore;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A value of which only some rows are given, the others being zero: the gradient of an embedding, or the rows that one
 * batch needs of it. A row is everything under one index of the first dimension. (MXNet: RowSparseNDArray.)
 *
 * <p>Immutable: factories copy what they are given, accessors return copies. It stands wherever a value is pushed or
 * initialised; a key initialised with one is row-sparse, and {@code rowSparsePull} gives rows of it. Lives on the heap
 * and takes {@code ids * (8 + row bytes)} bytes.
 *
 * <pre>{@code
 * RowSparse gradient = RowSparse.of(new long[] {10_000, 64}, new long[] {3, 17}, twoRowsOf64);
 * kv.push("embedding", gradient);
 * }</pre>
 */
public final class RowSparse {
    private final RowSparseTensor tensor;

    private RowSparse(RowSparseTensor tensor) {
        this.tensor = tensor;
    }

    /**
     * A value of shape {@code shape} whose row {@code ids[i]} is row {@code i} of {@code rows}.
     *
     * @param ids in any order, none twice, within {@code [0, shape[0])}
     * @param rows of shape {@code (ids.length, shape[1], ...)}
     * @throws KVStoreException if ids or rows do not fit, or an id is given twice: {@link #summing} adds repeats up
     */
    public static RowSparse of(long[] shape, long[] ids, INDArray rows) {
        return of(checked(shape), ids, Tensor.copyOf(rows), false);
    }

    /** As {@link #of(long[], long[], INDArray)}, float32, with the elements of each row in row-major order. */
    public static RowSparse of(long[] shape, long[] ids, float[][] rows) {
        Shape checked = checked(shape);
        return of(checked, ids, flat(rows, checked), false);
    }

    /**
     * As {@link #of(long[], long[], INDArray)}, but an id may be given several times: its rows are added up, in the order
     * given. A batch that uses a row of an embedding twice has such a gradient.
     */
    public static RowSparse summing(long[] shape, long[] ids, INDArray rows) {
        return of(checked(shape), ids, Tensor.copyOf(rows), true);
    }

    /** As {@link #summing(long[], long[], INDArray)}, float32, with the elements of each row in row-major order. */
    public static RowSparse summing(long[] shape, long[] ids, float[][] rows) {
        Shape checked = checked(shape);
        return of(checked, ids, flat(rows, checked), true);
    }

    /** A value without rows: zeros. @throws KVStoreException for a type that the store does not keep */
    public static RowSparse zeros(DataType type, long... shape) {
        Shape checked = checked(shape);
        DType dtype = NdView.dtypeOf(type);
        return new RowSparse(RowSparseTensor.of(checked, new long[0], DenseTensor.zeros(dtype, rowsShape(checked, 0))));
    }

    /**
     * The rows of {@code array} that have an element other than 0 (or -0).
     *
     * @param array of at least one dimension
     * @throws KVStoreException if the array is null, closed, a scalar, or of a type the store does not keep
     */
    public static RowSparse fromDense(INDArray array) {
        DenseTensor table = Tensor.copyOf(array);
        checked(table.shape().toArray());
        int length = (int) table.shape().rowLength();
        long[] ids = IntStream.range(0, length == 0 ? 0 : (int) table.shape().extent(0))
                .filter(row -> !table.isZero(row * length, length))
                .asLongStream()
                .toArray();
        return new RowSparse(RowSparseTensor.gather(table, ids));
    }

    /** The value of a row-sparse tensor that nobody will write into, such as one of a {@code KeyReply.Rows}; not copied. */
    public static RowSparse of(RowSparseTensor tensor) {
        return new RowSparse(tensor);
    }

    private static RowSparse of(Shape shape, long[] ids, DenseTensor rows, boolean sum) {
        checkIds(shape, ids);
        Shape expected = rowsShape(shape, ids.length);
        boolean none = rows.length() == 0 && expected.length() == 0; // an empty INDArray may have lost its extents
        if (!none && !rows.shape().equals(expected)) {
            throw new KVStoreException(
                    Reason.SHAPE_MISMATCH,
                    "rows of a RowSparse of shape " + shape + " with " + ids.length + " ids must have shape " + expected
                            + ", given " + rows.shape());
        }
        DenseTensor fitting = none ? DenseTensor.zeros(rows.dtype(), expected) : rows;
        if (RowSparseTensor.isSortedUnique(ids)) {
            return new RowSparse(RowSparseTensor.of(shape, ids, fitting));
        }
        int[] order = sortedPositions(ids);
        long[] unique = RowSparseTensor.sortedUnique(ids);
        if (!sum && unique.length < ids.length) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, repeated(ids, order));
        }
        return new RowSparse(RowSparseTensor.of(shape, unique, arranged(fitting, ids, order, unique.length)));
    }

    private static Shape checked(long[] extents) {
        Shape shape;
        try {
            shape = Shape.of(extents);
        } catch (RuntimeException e) { // null, negative or beyond a long
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, null, "a RowSparse cannot have shape " + Arrays.toString(extents), e);
        }
        if (shape.rank() == 0 || Math.max(shape.extent(0), shape.length()) > DenseTensor.MAX_LENGTH) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "a RowSparse has at least one dimension and at most " + DenseTensor.MAX_LENGTH
                            + " rows and elements, zeros included; given shape " + shape);
        }
        return shape;
    }

    private static Shape rowsShape(Shape shape, int count) {
        long[] extents = shape.toArray();
        extents[0] = count;
        return Shape.of(extents);
    }

    private static void checkIds(Shape shape, long[] ids) {
        if (ids == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, "the ids of a RowSparse must not be null");
        }
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= shape.extent(0)) {
                throw new KVStoreException(
                        Reason.OUT_OF_RANGE,
                        "ids of a RowSparse of shape " + shape + " must be in [0, " + shape.extent(0) + "), given "
                                + ids[i] + " at position " + i);
            }
        }
    }

    private static DenseTensor flat(float[][] rows, Shape shape) {
        int length = (int) shape.rowLength();
        if (rows == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, "the rows of a RowSparse must not be null");
        }
        float[] all = new float[Math.multiplyExact(rows.length, length)];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] == null || rows[i].length != length) {
                throw new KVStoreException(
                        Reason.SHAPE_MISMATCH,
                        "rows of a RowSparse of shape " + shape + " have " + length + " elements, given "
                                + (rows[i] == null ? "null" : rows[i].length) + " in row " + i);
            }
            System.arraycopy(rows[i], 0, all, i * length, length);
        }
        return DenseTensor.of(all, rowsShape(shape, rows.length).toArray());
    }

    /** Where each id stands, by ascending id, repeats in the order given. */
    private static int[] sortedPositions(long[] ids) {
        long[] packed = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            packed[i] = ids[i] << 32 | i; // an id has 31 bits, and so has a position
        }
        Arrays.sort(packed);
        return Arrays.stream(packed).mapToInt(each -> (int) each).toArray();
    }

    private static String repeated(long[] ids, int[] order) {
        int i = 1;
        while (ids[order[i]] != ids[order[i - 1]]) {
            i++;
        }
        return "ids of a RowSparse must be unique, given " + ids[order[i]] + " at positions " + order[i - 1] + " and "
                + order[i] + "; RowSparse.summing adds the rows of repeated ids up";
    }

    private static DenseTensor arranged(DenseTensor rows, long[] ids, int[] order, int unique) {
        int length = rows.length() / Math.max(1, ids.length);
        DenseTensor arranged = DenseTensor.zeros(rows.dtype(), rowsShape(rows.shape(), unique));
        int at = -1;
        for (int i = 0; i < order.length; i++) {
            if (i > 0 && ids[order[i]] == ids[order[i - 1]]) {
                arranged.add(at * length, rows, order[i] * length, length);
            } else {
                at++;
                rows.read(order[i] * length, arranged.data(), at * length, length);
            }
        }
        return arranged;
    }

    /** A copy of the extents of the whole value. */
    public long[] shape() {
        return tensor.shape().toArray();
    }

    public DType dtype() {
        return tensor.dtype();
    }

    /** A copy of the ids of the rows that are given, sorted and unique. */
    public long[] ids() {
        return tensor.ids();
    }

    /** A new array, the caller's own, with the given rows in the order of {@link #ids}: shape {@code (ids, shape[1], ...)}. */
    public INDArray rows() {
        return tensor.rows().toINDArray();
    }

    /** A new array, the caller's own, with the whole value: zeros where no rows are given. */
    public INDArray toDense() {
        return tensor.toDense().toINDArray();
    }

    /** The same value for messages to keys; not copied, for reading only. */
    public RowSparseTensor tensor() {
        return tensor;
    }

    /** Whether the other has the same shape, type, ids and, bit by bit, rows. A row of zeros is not a missing row. */
    @Override
    public boolean equals(Object other) {
        return other instanceof RowSparse that && tensor.equals(that.tensor);
    }

    @Override
    public int hashCode() {
        return tensor.hashCode();
    }

    @Override
    public String toString() {
        return tensor.toString();
    }
}
