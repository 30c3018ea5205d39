package io.kvstore.tensor;

import java.util.Arrays;
import java.util.List;

/**
 * Element-wise sums of dense tensors, one pass over memory.
 *
 * <p>The values are added in MXNet's order, so that equal inputs give equal bits: in {@code local} stores four at a time,
 * {@code acc = v0; acc += ((v1 + v2) + v3) + v4; ...} (src/kvstore/comm.h, ReduceSumCPUImpl), in {@code device} stores one
 * after the other, {@code acc = ((v0 + v1) + v2) + ...}. The work goes by blocks of
 * {@value #BLOCK} elements, so that the running sum stays in the nearest cache while each value is read once.
 */
public final class Kernels {
    static final int BLOCK = 8192;

    /** How many values a {@code local} store adds up before it adds them to the sum. */
    public static final int LOCAL_GROUP = 4;

    /** The same for a {@code device} store: one after the other. */
    public static final int DEVICE_GROUP = 1;

    private static final ThreadLocal<Object[][]> SCRATCH =
            ThreadLocal.withInitial(() -> new Object[DType.values().length][]);

    private Kernels() {}

    /** The sum in the order of a {@code local} store. */
    public static void sum(List<? extends Dense> values, DenseTensor into) {
        sum(values, into, LOCAL_GROUP);
    }

    /**
     * Writes the sum of {@code values}, all of {@code into}'s type and length, at least one, into {@code into}.
     *
     * @param group how many values after the first are added up before they are added to the sum
     */
    public static void sum(List<? extends Dense> values, DenseTensor into, int group) {
        sum(values, into, group, null);
    }

    /**
     * As {@link #sum(List, DenseTensor, int)}, and gives each block to {@code outlet}, unless that is null, while it is in the
     * cache; nothing of the block is read any more then.
     */
    static void sum(List<? extends Dense> values, DenseTensor into, int group, Outlet outlet) {
        DType dtype = into.dtype();
        int length = into.length();
        boolean inPlace = standAlone(values, group);
        for (int from = 0; from < length; from += BLOCK) {
            int count = Math.min(BLOCK, length - from);
            if (inPlace) {
                values.get(0).read(from, into.data(), from, count);
                for (int i = 1; i < values.size(); i++) {
                    addSame(dtype, into.data(), values.get(i).arrayOrNull(), from, from + count);
                }
            } else {
                Object sum = sumOfBlock(values, group, from, count);
                System.arraycopy(sum, 0, into.data(), from, count);
            }
            if (outlet != null) {
                outlet.take(from, dtype, into.data(), from, count);
            }
        }
    }

    /** Whether each value after the first can be added where it stands. */
    private static boolean standAlone(List<? extends Dense> values, int group) {
        for (int i = 1; i < values.size(); i++) {
            if (values.get(i).arrayOrNull() == null) {
                return false;
            }
        }
        return group == 1 || values.size() <= 2;
    }

    /** In an array of the thread's own, which has one index with the others there. */
    static Object sumOfBlock(List<? extends Dense> values, int group, int from, int count) {
        DType dtype = values.get(0).dtype();
        Object[] scratch = scratch(dtype);
        values.get(0).read(from, scratch[0], 0, count);
        for (int first = 1; first < values.size(); first += group) {
            values.get(first).read(from, scratch[1], 0, count);
            for (int i = first + 1; i < Math.min(first + group, values.size()); i++) {
                values.get(i).read(from, scratch[2], 0, count);
                addSame(dtype, scratch[1], scratch[2], 0, count);
            }
            addSame(dtype, scratch[0], scratch[1], 0, count);
        }
        return scratch[0];
    }

    /**
     * Adds elements {@code from} to {@code to - 1} of {@code values} to those of {@code sum}. Copies that give two arrays one
     * index pay: loops with two are not vectorised on Java 17.
     */
    private static void addSame(DType dtype, Object sum, Object values, int from, int to) {
        switch (dtype) {
            case FLOAT32 -> addSame((float[]) sum, (float[]) values, from, to);
            case FLOAT64 -> addSame((double[]) sum, (double[]) values, from, to);
            case INT8, UINT8 -> addSame((byte[]) sum, (byte[]) values, from, to);
            case INT32 -> addSame((int[]) sum, (int[]) values, from, to);
            case INT64 -> addSame((long[]) sum, (long[]) values, from, to);
            case FLOAT16, BFLOAT16 -> add(dtype, sum, from, values, from, to - from);
        }
    }

    private static void addSame(float[] sum, float[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += values[i];
        }
    }

    private static void addSame(double[] sum, double[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += values[i];
        }
    }

    private static void addSame(byte[] sum, byte[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += values[i];
        }
    }

    private static void addSame(int[] sum, int[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += values[i];
        }
    }

    private static void addSame(long[] sum, long[] values, int from, int to) {
        for (int i = from; i < to; i++) {
            sum[i] += values[i];
        }
    }

    /** Three arrays of {@value #BLOCK} elements that belong to the calling thread until it returns. */
    static Object[] scratch(DType dtype) {
        Object[][] all = SCRATCH.get();
        Object[] mine = all[dtype.ordinal()];
        if (mine == null) {
            mine = new Object[] {dtype.newArray(BLOCK), dtype.newArray(BLOCK), dtype.newArray(BLOCK)};
            all[dtype.ordinal()] = mine;
        }
        return mine;
    }

    /** Adds {@code count} elements of {@code values} from {@code from} to {@code sum} at {@code at}; integers wrap. */
    public static void add(DType dtype, Object sum, int at, Object values, int from, int count) {
        switch (dtype) {
            case FLOAT32 -> add((float[]) sum, at, (float[]) values, from, count);
            case FLOAT64 -> add((double[]) sum, at, (double[]) values, from, count);
            case FLOAT16, BFLOAT16 -> addHalves(dtype, (short[]) sum, at, (short[]) values, from, count);
            case INT8, UINT8 -> add((byte[]) sum, at, (byte[]) values, from, count);
            case INT32 -> add((int[]) sum, at, (int[]) values, from, count);
            case INT64 -> add((long[]) sum, at, (long[]) values, from, count);
        }
    }

    private static void add(float[] sum, int at, float[] values, int from, int count) {
        for (int i = 0; i < count; i++) {
            sum[at + i] += values[from + i];
        }
    }

    private static void add(double[] sum, int at, double[] values, int from, int count) {
        for (int i = 0; i < count; i++) {
            sum[at + i] += values[from + i];
        }
    }

    private static void add(byte[] sum, int at, byte[] values, int from, int count) {
        for (int i = 0; i < count; i++) {
            sum[at + i] += values[from + i];
        }
    }

    private static void add(int[] sum, int at, int[] values, int from, int count) {
        for (int i = 0; i < count; i++) {
            sum[at + i] += values[from + i];
        }
    }

    private static void add(long[] sum, int at, long[] values, int from, int count) {
        for (int i = 0; i < count; i++) {
            sum[at + i] += values[from + i];
        }
    }

    /** Each sum is rounded to the 16-bit type, as MXNet's half arithmetic does. */
    private static void addHalves(DType dtype, short[] sum, int at, short[] values, int from, int count) {
        if (dtype == DType.FLOAT16) {
            for (int i = 0; i < count; i++) {
                sum[at + i] =
                        Halves.floatToHalf(Halves.halfToFloat(sum[at + i]) + Halves.halfToFloat(values[from + i]));
            }
        } else {
            for (int i = 0; i < count; i++) {
                sum[at + i] = Halves.floatToBfloat16(
                        Halves.bfloat16ToFloat(sum[at + i]) + Halves.bfloat16ToFloat(values[from + i]));
            }
        }
    }

    /** The index of the first element of a float32 tensor that is infinite or no number, or -1. */
    public static int firstNotFinite(Dense values) {
        float[] scratch = (float[]) scratch(DType.FLOAT32)[0];
        for (int from = 0; from < values.length(); from += BLOCK) {
            int count = Math.min(BLOCK, values.length() - from);
            values.read(from, scratch, 0, count);
            int greatest = 0;
            for (int i = 0; i < count; i++) {
                greatest = Math.max(greatest, Float.floatToRawIntBits(scratch[i]) & Integer.MAX_VALUE);
            }
            if (!Float.isFinite(Float.intBitsToFloat(greatest))) {
                int i = 0;
                while (Float.isFinite(scratch[i])) {
                    i++;
                }
                return from + i;
            }
        }
        return -1;
    }

    /** Zeroes elements {@code from} to {@code to - 1} of a primitive array. */
    static void fillZero(Object array, int from, int to) {
        if (array instanceof float[] f) {
            Arrays.fill(f, from, to, 0f);
        } else if (array instanceof double[] d) {
            Arrays.fill(d, from, to, 0d);
        } else if (array instanceof short[] s) {
            Arrays.fill(s, from, to, (short) 0);
        } else if (array instanceof byte[] b) {
            Arrays.fill(b, from, to, (byte) 0);
        } else if (array instanceof int[] n) {
            Arrays.fill(n, from, to, 0);
        } else {
            Arrays.fill((long[]) array, from, to, 0L);
        }
    }
}
