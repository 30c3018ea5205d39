package io.kvstore.tensor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The memory of an INDArray, read and written in logical row-major order whatever its order, strides and offset.
 *
 * <p>ND4J's native paths check neither bounds nor liveness, and its small operations cost microseconds; here the array
 * is checked once and then only its memory is touched.
 */
public final class NdView {
    private final DType dtype;
    private final Shape shape;
    private final long[] strides; // null: contiguous
    private final INDArray array; // held: ND4J frees the memory of an array to which nobody refers
    private final long address; // 0 without elements
    private final Primitives window; // null without elements
    private final int windowAt; // of the first element
    private final boolean inWindow; // whether there are elements, and all are there

    private NdView(INDArray array, DType dtype) {
        this.array = array;
        this.dtype = dtype;
        this.shape = shapeOf(array);
        DenseTensor.checkedLength(shape);
        this.strides = array.isEmpty() || contiguous(array) ? null : array.stride();
        long span = span(shape, strides);
        this.address = span == 0 ? 0 : address(array.data(), dtype);
        NativeMemory memory = span == 0 ? null : NativeMemory.at(address, dtype);
        this.window = span == 0 ? null : memory.elements(dtype);
        this.windowAt = span == 0 ? 0 : memory.index(address, dtype);
        this.inWindow = span > 0 && windowAt + span <= window.length();
    }

    /** Of the first element; ND4J gives a view its parent's pointer, and makes a new one for each other question. */
    private static long address(DataBuffer data, DType dtype) {
        return data.pointer().address() + data.offset() * dtype.bytes();
    }

    /**
     * A view for reading {@code array}.
     *
     * @throws KVStoreException if it is null, closed, too long, or of a type the store does not keep
     */
    public static NdView reading(INDArray array) {
        if (array == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, "the array must not be null");
        }
        if (array.wasClosed()) {
            throw new KVStoreException(Reason.ARRAY_CLOSED, "the array was closed; pass a live one");
        }
        DType dtype = dtypeOf(array.dataType());
        return new NdView(array, dtype);
    }

    /**
     * A view for writing {@code array}.
     *
     * @throws KVStoreException as {@link #reading}, and if elements share memory, as in a broadcast view
     */
    public static NdView writing(INDArray array) {
        NdView view = reading(array);
        if (view.strides != null && overlaps(view.shape, view.strides)) {
            throw new KVStoreException(
                    Reason.OVERLAPPING_OUTPUT,
                    "several elements of the output share one place in memory (shape " + view.shape
                            + ", a broadcast view?); pass an array of its own, such as out.dup()");
        }
        return view;
    }

    /** Our type for ND4J's. @throws KVStoreException if the store does not keep that type */
    public static DType dtypeOf(DataType type) {
        return switch (type) {
            case FLOAT -> DType.FLOAT32;
            case DOUBLE -> DType.FLOAT64;
            case HALF -> DType.FLOAT16;
            case BFLOAT16 -> DType.BFLOAT16;
            case BYTE -> DType.INT8;
            case UBYTE -> DType.UINT8;
            case INT -> DType.INT32;
            case LONG -> DType.INT64;
            default ->
                throw new KVStoreException(
                        Reason.UNSUPPORTED_DTYPE,
                        "arrays of type " + type
                                + " cannot be stored; convert with castTo(DataType.FLOAT) or another of"
                                + " FLOAT, DOUBLE, HALF, BFLOAT16, BYTE, UBYTE, INT, LONG");
        };
    }

    /** ND4J's type for ours. */
    @SuppressWarnings("deprecation") // DataType has no other names for these
    public static DataType typeOf(DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> DataType.FLOAT;
            case FLOAT64 -> DataType.DOUBLE;
            case FLOAT16 -> DataType.HALF;
            case BFLOAT16 -> DataType.BFLOAT16;
            case INT8 -> DataType.BYTE;
            case UINT8 -> DataType.UBYTE;
            case INT32 -> DataType.INT;
            case INT64 -> DataType.LONG;
        };
    }

    /** A new array, owned by the caller, with the tensor's value. @throws KVStoreException without an ND4J backend */
    static INDArray newArray(DenseTensor value) {
        INDArray array = allocate(value.dtype(), value.shape());
        if (value.length() > 0) {
            writing(array).write(value);
        }
        return array;
    }

    /** Copies an array's logical value into a tensor of its type and length. @throws KVStoreException as {@link #reading} */
    public static void copy(INDArray array, DenseTensor into) {
        NdView view = reading(array);
        if (view.dtype != into.dtype() || !view.shape.equals(into.shape())) {
            throw new KVStoreException(
                    Reason.SHAPE_MISMATCH,
                    "expected " + into.dtype() + into.shape() + ", given " + view.dtype + view.shape);
        }
        view.read(0, into.data(), 0, into.length());
    }

    private static INDArray allocate(DType dtype, Shape shape) {
        try {
            if (shape.rank() == 0) {
                return Nd4j.scalar(typeOf(dtype), 0);
            }
            return Nd4j.createUninitialized(typeOf(dtype), shape.toArray(), 'c');
        } catch (LinkageError e) {
            throw new KVStoreException(
                    Reason.NO_BACKEND,
                    null,
                    "no ND4J backend could be loaded; add org.nd4j:nd4j-native to the class path (" + e + ")",
                    e);
        }
    }

    public DType dtype() {
        return dtype;
    }

    /** Whether the elements stand one after the other in memory. */
    public boolean isContiguous() {
        return strides == null;
    }

    /** Whether both are views of one array object. */
    public boolean isOfSameArray(NdView other) {
        return array == other.array;
    }

    /** Whether no two of these share memory; interleaved ones count as sharing it. */
    public static boolean areApart(List<NdView> views) {
        List<NdView> sorted = new ArrayList<>(views);
        sorted.removeIf(view -> view.address == 0);
        sorted.sort(Comparator.comparingLong(view -> view.address));
        for (int i = 1; i < sorted.size(); i++) {
            NdView before = sorted.get(i - 1);
            if (sorted.get(i).address < before.address + before.spanBytes()) {
                return false;
            }
        }
        return true;
    }

    public Shape shape() {
        return shape;
    }

    private long spanBytes() {
        return span(shape, strides) * dtype.bytes();
    }

    /** Copies logical elements {@code [from, from + count)} into {@code target} at {@code at}. */
    void read(int from, Object target, int at, int count) {
        if (strides != null) {
            eachStrided(from, count, (memory, place, i) -> memory.get(place, target, at + i));
            return;
        }
        if (inWindow) {
            window.get(windowAt + from, target, at, count);
        } else {
            eachWindow(from, count, (memory, place, i, run) -> memory.get(place, target, at + i, run));
        }
        Reference.reachabilityFence(array);
    }

    /** Copies logical elements {@code [from, from + count)} to the beginning of {@code target}; false if that takes {@link #read}. */
    boolean read(int from, int count, Primitives target) {
        if (strides != null || !inWindow) {
            return false;
        }
        target.put(0, window, windowAt + from, count);
        Reference.reachabilityFence(array);
        return true;
    }

    /** Writes the whole of {@code value}, converted to the array's type, which must have the same length. */
    public void write(DenseTensor value) {
        write(0, value, 0, value.length());
    }

    /** Writes {@code length} elements of {@code source} from {@code from} on as those from {@code into} on, converted. */
    public void write(int into, DenseTensor source, int from, int length) {
        write(into, source.dtype(), source.data(), from, length);
    }

    /** As {@link #write(int, DenseTensor, int, int)}, of an array of type {@code given}. */
    public void write(int into, DType given, Object elements, int from, int length) {
        if (given == dtype) {
            write(into, elements, from, length);
            return;
        }
        Object scratch = Kernels.scratch(dtype)[0];
        for (int done = 0; done < length; done += Kernels.BLOCK) {
            int count = Math.min(Kernels.BLOCK, length - done);
            Casts.convert(given, elements, from + done, dtype, scratch, 0, count);
            write(into + done, scratch, 0, count);
        }
    }

    /** Copies the rows {@code ids} of the array, a row being everything under one index of the first dimension. */
    public void readRows(long[] ids, DenseTensor rows) {
        int length = (int) shape.rowLength();
        for (int i = 0; length > 0 && i < ids.length; i++) {
            read(Math.toIntExact(ids[i] * length), rows.data(), i * length, length);
        }
    }

    /** Writes {@code rows}, of the array's type, as its rows {@code ids}. */
    public void writeRows(long[] ids, DenseTensor rows) {
        int length = (int) shape.rowLength();
        for (int i = 0; length > 0 && i < ids.length; i++) {
            write(Math.toIntExact(ids[i] * length), rows.data(), i * length, length);
        }
    }

    private void write(int from, Object source, int at, int count) {
        if (strides != null) {
            eachStrided(from, count, (memory, place, i) -> memory.put(place, source, at + i));
            return;
        }
        if (inWindow) {
            window.put(windowAt + from, source, at, count);
        } else {
            eachWindow(from, count, (memory, place, i, run) -> memory.put(place, source, at + i, run));
        }
        Reference.reachabilityFence(array);
    }

    private interface Run {
        void elements(Primitives memory, int place, int i, int count);
    }

    /** Visits elements of a contiguous array that reaches over several windows. */
    private void eachWindow(int from, int count, Run run) {
        int done = 0;
        while (done < count) {
            long place = address + ((long) from + done) * dtype.bytes();
            NativeMemory memory = NativeMemory.at(place, dtype);
            Primitives elements = memory.elements(dtype);
            int index = memory.index(place, dtype);
            int length = Math.min(count - done, elements.length() - index);
            run.elements(elements, index, done, length);
            done += length;
        }
    }

    private interface Visit {
        void element(Primitives memory, int place, int i);
    }

    /** Visits logical elements in row-major order, keeping one index per dimension. */
    private void eachStrided(int from, int count, Visit visit) {
        int rank = shape.rank();
        long[] index = new long[rank];
        long rest = from;
        long place = 0;
        for (int d = rank - 1; d >= 0; d--) {
            index[d] = rest % shape.extent(d);
            rest /= shape.extent(d);
            place += index[d] * strides[d];
        }
        for (int i = 0; i < count; i++) {
            visit(place, i, visit);
            for (int d = rank - 1; d >= 0; d--) {
                place += strides[d];
                if (++index[d] < shape.extent(d)) {
                    break;
                }
                place -= strides[d] * index[d];
                index[d] = 0;
            }
        }
        Reference.reachabilityFence(array);
    }

    private void visit(long place, int i, Visit visit) {
        if (inWindow) {
            visit.element(window, (int) (windowAt + place), i);
            return;
        }
        NativeMemory memory = NativeMemory.at(address + place * dtype.bytes(), dtype);
        visit.element(memory.elements(dtype), memory.index(address + place * dtype.bytes(), dtype), i);
    }

    /** An array without elements may have no extents at all, which would be a scalar's shape. */
    private static Shape shapeOf(INDArray array) {
        Shape shape = Shape.of(array.shape());
        return array.isEmpty() && shape.length() != 0 ? Shape.of(0) : shape;
    }

    private static boolean contiguous(INDArray array) {
        long expected = 1;
        long[] shape = array.shape();
        long[] strides = array.stride();
        for (int d = shape.length - 1; d >= 0; d--) {
            if (shape[d] > 1 && strides[d] != expected) {
                return false;
            }
            expected *= shape[d];
        }
        return true;
    }

    /** Elements from the first to the last in memory, both included. */
    private static long span(Shape shape, long[] strides) {
        if (strides == null || shape.length() == 0) {
            return shape.length();
        }
        long last = 0;
        for (int d = 0; d < shape.rank(); d++) {
            last += (shape.extent(d) - 1) * strides[d];
        }
        return last + 1;
    }

    private static boolean overlaps(Shape shape, long[] strides) {
        long reach = 0; // sorted by stride, each dimension must step over all that the smaller ones reach
        Integer[] order = new Integer[shape.rank()];
        for (int d = 0; d < order.length; d++) {
            order[d] = d;
        }
        Arrays.sort(order, Comparator.comparingLong(d -> strides[d]));
        for (int d : order) {
            if (shape.extent(d) > 1) {
                if (strides[d] <= reach) {
                    return true;
                }
                reach += (shape.extent(d) - 1) * strides[d];
            }
        }
        return false;
    }
}
