package io.kvstore.tensor;

import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.Arrays;

/** Comparison by bits: NaN equals the same NaN, and -0 differs from 0. */
final class Bits {
    private Bits() {}

    static boolean equal(Object a, Object b) {
        if (a instanceof float[] x && b instanceof float[] y) {
            return x.length == y.length && equal(FloatBuffer.wrap(x), FloatBuffer.wrap(y));
        }
        if (a instanceof double[] x && b instanceof double[] y) {
            return x.length == y.length && equal(DoubleBuffer.wrap(x), DoubleBuffer.wrap(y));
        }
        if (a instanceof short[] x && b instanceof short[] y) {
            return Arrays.equals(x, y);
        }
        if (a instanceof byte[] x && b instanceof byte[] y) {
            return Arrays.equals(x, y);
        }
        if (a instanceof int[] x && b instanceof int[] y) {
            return Arrays.equals(x, y);
        }
        return a instanceof long[] x && b instanceof long[] y && Arrays.equals(x, y);
    }

    private static boolean equal(FloatBuffer x, FloatBuffer y) {
        while (x.hasRemaining()) {
            if (Float.floatToRawIntBits(x.get()) != Float.floatToRawIntBits(y.get())) {
                return false;
            }
        }
        return true;
    }

    private static boolean equal(DoubleBuffer x, DoubleBuffer y) {
        while (x.hasRemaining()) {
            if (Double.doubleToRawLongBits(x.get()) != Double.doubleToRawLongBits(y.get())) {
                return false;
            }
        }
        return true;
    }

    static String toString(DType dtype, Object data) {
        if (data instanceof byte[] bytes) {
            int[] wide = new int[bytes.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = dtype == DType.UINT8 ? Byte.toUnsignedInt(bytes[i]) : bytes[i];
            }
            return Arrays.toString(wide);
        }
        if (data instanceof short[] halves) {
            float[] wide = new float[halves.length];
            Casts.toFloats(dtype, halves, 0, wide, 0, wide.length);
            return Arrays.toString(wide);
        }
        return data instanceof int[] ints ? Arrays.toString(ints) : Arrays.toString((long[]) data);
    }
}
