package io.kvstore.examples.benchmarks.mxnet;

import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.api;
import static io.kvstore.examples.benchmarks.mxnet.MxLibrary.check;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * An MXNet array on a host device {@code cpu(0)}, {@code cpu(1)}, ..: dense, or row-sparse.
 *
 * <p>Values are copied in and out, in c order; bytes are little-endian. Reading waits for MXNet's pending work on the
 * array. An empty shape means one dimension of as many elements as there are values.
 */
public final class MxArray implements AutoCloseable {
    private static final int CPU = 1;
    private static final int ROW_SPARSE = 1;
    private static final int DATA = -1;
    private static final int ROW_IDS = 0;

    private Pointer handle;

    MxArray(Pointer handle) {
        this.handle = handle;
    }

    /** A dense float32 array on {@code cpu(0)}. */
    public static MxArray of(float[] values, int... shape) {
        return of(0, values, shape);
    }

    /** A dense float32 array on {@code cpu(device)}. */
    public static MxArray of(int device, float[] values, int... shape) {
        Memory memory = new Memory(4L * values.length);
        memory.write(0, values, 0, values.length);
        return dense(device, MxType.FLOAT32, memory, values.length, shape);
    }

    /** A dense float64 array on {@code cpu(0)}. */
    public static MxArray of(double[] values, int... shape) {
        return of(0, values, shape);
    }

    /** A dense float64 array on {@code cpu(device)}. */
    public static MxArray of(int device, double[] values, int... shape) {
        Memory memory = new Memory(8L * values.length);
        memory.write(0, values, 0, values.length);
        return dense(device, MxType.FLOAT64, memory, values.length, shape);
    }

    /** A dense array of any type on {@code cpu(device)}, from the bytes of its elements. */
    public static MxArray of(int device, MxType type, byte[] bytes, int... shape) {
        Memory memory = new Memory(bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        return dense(device, type, memory, bytes.length / type.bytes(), shape);
    }

    /** A dense array of zeros on {@code cpu(device)}. */
    public static MxArray zeros(int device, MxType type, int... shape) {
        return of(device, type, new byte[size(shape) * type.bytes()], shape);
    }

    /**
     * A row-sparse float32 array on {@code cpu(device)}.
     *
     * @param ids the row numbers, sorted, unique; without any, the array has no storage at all, as MXNet's own zeros
     * @param rows the rows' values, one after the other
     * @param shape the shape of the array that it stands for, at least two dimensions
     */
    public static MxArray rowSparse(int device, long[] ids, float[] rows, int... shape) {
        PointerByReference out = new PointerByReference();
        check(api().MXNDArrayCreateSparseEx(
                        ROW_SPARSE,
                        shape,
                        shape.length,
                        CPU,
                        device,
                        0,
                        MxType.FLOAT32.code(),
                        1,
                        new int[] {MxType.INT64.code()},
                        new int[] {1},
                        new int[] {ids.length},
                        out));
        MxArray array = new MxArray(out.getValue());
        if (ids.length == 0) {
            return array;
        }
        int[] rowsShape = shape.clone();
        rowsShape[0] = ids.length;
        Memory memory = new Memory(8L * ids.length);
        memory.write(0, ids, 0, ids.length);
        try (MxArray data = of(device, rows, rowsShape);
                MxArray rowIds = dense(device, MxType.INT64, memory, ids.length)) {
            check(api().MXNDArraySyncCopyFromNDArray(array.handle, data.handle, DATA));
            check(api().MXNDArraySyncCopyFromNDArray(array.handle, rowIds.handle, ROW_IDS));
        }
        return array;
    }

    private static MxArray dense(int device, MxType type, Memory values, int count, int... shape) {
        int[] dims = shape.length == 0 ? new int[] {count} : shape;
        if (size(dims) != count) {
            throw new IllegalArgumentException("wrong number of values: expected=" + size(dims) + " for shape="
                    + Arrays.toString(dims) + ", given=" + count);
        }
        PointerByReference out = new PointerByReference();
        check(api().MXNDArrayCreateEx(dims, dims.length, CPU, device, 0, type.code(), out));
        check(api().MXNDArraySyncCopyFromCPU(out.getValue(), values, count));
        return new MxArray(out.getValue());
    }

    /** Replaces all values of a dense float32 array. */
    public void set(float[] values) {
        Memory memory = new Memory(4L * values.length);
        memory.write(0, values, 0, values.length);
        check(api().MXNDArraySyncCopyFromCPU(handle, memory, values.length));
    }

    /** Replaces all values of a dense float32 array by those at {@code values}, as many as it has. */
    public void set(Pointer values) {
        check(api().MXNDArraySyncCopyFromCPU(handle, values, size()));
    }

    /** Waits until MXNet has done all that it was told to do. */
    public static void waitForAll() {
        check(MxCalls.MXNDArrayWaitAll());
    }

    /** Replaces all values of a dense array of any type, by the bytes of its elements. */
    public void set(byte[] bytes) {
        Memory memory = new Memory(bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        check(api().MXNDArraySyncCopyFromCPU(handle, memory, bytes.length / type().bytes()));
    }

    /** The elements of a float32 array, zeros included when it is row-sparse. */
    public float[] toFloats() {
        if (isRowSparse()) {
            List<MxArray> dense = MxOps.invoke("cast_storage", List.of(this), Map.of("stype", "default"));
            try (MxArray only = dense.get(0)) {
                return only.toFloats();
            }
        }
        return read(MxType.FLOAT32).getFloatArray(0, size());
    }

    /** The elements of a float64 array. */
    public double[] toDoubles() {
        return read(MxType.FLOAT64).getDoubleArray(0, size());
    }

    /** The bytes of a dense array's elements, of whatever type. */
    public byte[] toBytes() {
        return read(type()).getByteArray(0, size() * type().bytes());
    }

    /** The row numbers that a row-sparse array holds. */
    public long[] rowIds() {
        PointerByReference out = new PointerByReference();
        check(api().MXNDArrayGetAuxNDArray(handle, ROW_IDS, out));
        try (MxArray ids = new MxArray(out.getValue())) {
            return ids.read(MxType.INT64).getLongArray(0, ids.size());
        }
    }

    /** The values of the rows that a row-sparse float32 array holds, one row after the other. */
    public float[] rows() {
        PointerByReference out = new PointerByReference();
        check(api().MXNDArrayGetDataNDArray(handle, out));
        try (MxArray rows = new MxArray(out.getValue())) {
            return rows.toFloats();
        }
    }

    private Memory read(MxType expected) {
        MxType given = type();
        if (given != expected) {
            throw new IllegalStateException("wrong element type: expected=" + expected + ", given=" + given);
        }
        Memory memory = new Memory((long) size() * given.bytes());
        check(api().MXNDArraySyncCopyToCPU(handle, memory, size()));
        return memory;
    }

    public int[] shape() {
        IntByReference rank = new IntByReference();
        PointerByReference dims = new PointerByReference();
        check(api().MXNDArrayGetShapeEx(handle, rank, dims));
        return dims.getValue().getIntArray(0, rank.getValue());
    }

    /** The number of elements, zeros included when the array is row-sparse. */
    public int size() {
        return size(shape());
    }

    public MxType type() {
        IntByReference type = new IntByReference();
        check(api().MXNDArrayGetDType(handle, type));
        return MxType.of(type.getValue());
    }

    public boolean isRowSparse() {
        IntByReference storage = new IntByReference();
        check(api().MXNDArrayGetStorageType(handle, storage));
        return storage.getValue() == ROW_SPARSE;
    }

    /** The number {@code i} of the device {@code cpu(i)} that holds the array. */
    public int device() {
        IntByReference deviceType = new IntByReference();
        IntByReference device = new IntByReference();
        check(api().MXNDArrayGetContext(handle, deviceType, device));
        return device.getValue();
    }

    Pointer handle() {
        if (handle == null) {
            throw new IllegalStateException("the array is closed");
        }
        return handle;
    }

    static Pointer[] handles(List<MxArray> arrays) {
        return arrays.stream().map(MxArray::handle).toArray(Pointer[]::new);
    }

    private static int size(int[] shape) {
        return Arrays.stream(shape).reduce(1, Math::multiplyExact);
    }

    /** Frees the array; a second call does nothing. */
    @Override
    public void close() {
        if (handle != null) {
            check(api().MXNDArrayFree(handle));
            handle = null;
        }
    }
}
