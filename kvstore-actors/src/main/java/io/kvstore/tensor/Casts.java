package io.kvstore.tensor;

/**
 * Conversion between element types. To a floating type the value is rounded to nearest, to a 16-bit one by way of
 * float32 (which may round twice); from a floating type to an integer it is truncated towards zero; between integers the
 * low bits are kept. These are MXNet's results, bit for bit, wherever C defines them (mshadow casts with
 * {@code static_cast}). Where C does not, a floating value beyond an integer type's range becomes its nearest end, and NaN
 * becomes 0.
 */
public final class Casts {
    private Casts() {}

    /** A never pooled copy of {@code value} with elements of type {@code to}. */
    public static DenseTensor cast(DenseTensor value, DType to) {
        DenseTensor result = DenseTensor.zeros(to, value.shape());
        convert(value.dtype(), value.data(), 0, to, result.data(), 0, value.length());
        return result;
    }

    /** Converts {@code count} elements of the primitive array {@code source} into {@code target}. */
    public static void convert(DType from, Object source, int at, DType to, Object target, int into, int count) {
        if (from == to) {
            System.arraycopy(source, at, target, into, count);
        } else if (to == DType.FLOAT32) {
            toFloats(from, source, at, (float[]) target, into, count);
        } else if (from == DType.FLOAT32) {
            fromFloats((float[]) source, at, to, target, into, count);
        } else if (isInteger(from) && isInteger(to)) {
            for (int i = 0; i < count; i++) {
                setLong(to, target, into + i, getLong(from, source, at + i));
            }
        } else {
            for (int i = 0; i < count; i++) {
                setDouble(to, target, into + i, getDouble(from, source, at + i));
            }
        }
    }

    /** Converts {@code count} elements to float32. */
    public static void toFloats(DType from, Object source, int at, float[] target, int into, int count) {
        if (from == DType.FLOAT64) {
            double[] values = (double[]) source;
            for (int i = 0; i < count; i++) {
                target[into + i] = (float) values[at + i];
            }
        } else if (from == DType.FLOAT16) {
            short[] values = (short[]) source;
            for (int i = 0; i < count; i++) {
                target[into + i] = Halves.halfToFloat(values[at + i]);
            }
        } else if (from == DType.BFLOAT16) {
            short[] values = (short[]) source;
            for (int i = 0; i < count; i++) {
                target[into + i] = Halves.bfloat16ToFloat(values[at + i]);
            }
        } else if (from == DType.FLOAT32) {
            System.arraycopy(source, at, target, into, count);
        } else {
            for (int i = 0; i < count; i++) {
                target[into + i] = getLong(from, source, at + i);
            }
        }
    }

    /** Converts {@code count} float32 elements to type {@code to}. */
    public static void fromFloats(float[] source, int at, DType to, Object target, int into, int count) {
        if (to == DType.FLOAT64) {
            double[] values = (double[]) target;
            for (int i = 0; i < count; i++) {
                values[into + i] = source[at + i];
            }
        } else if (to == DType.FLOAT16) {
            short[] values = (short[]) target;
            for (int i = 0; i < count; i++) {
                values[into + i] = Halves.floatToHalf(source[at + i]);
            }
        } else if (to == DType.BFLOAT16) {
            short[] values = (short[]) target;
            for (int i = 0; i < count; i++) {
                values[into + i] = Halves.floatToBfloat16(source[at + i]);
            }
        } else if (to == DType.FLOAT32) {
            System.arraycopy(source, at, target, into, count);
        } else {
            for (int i = 0; i < count; i++) {
                setDouble(to, target, into + i, source[at + i]);
            }
        }
    }

    /** Element {@code i} of an array that holds integers of type {@code dtype}. */
    public static long getLong(DType dtype, Object array, int i) {
        return switch (dtype) {
            case INT8 -> ((byte[]) array)[i];
            case UINT8 -> Byte.toUnsignedInt(((byte[]) array)[i]);
            case INT32 -> ((int[]) array)[i];
            case INT64 -> ((long[]) array)[i];
            default -> (long) getDouble(dtype, array, i);
        };
    }

    /** Element {@code i} of an array of type {@code dtype}, widened. */
    public static double getDouble(DType dtype, Object array, int i) {
        return switch (dtype) {
            case FLOAT64 -> ((double[]) array)[i];
            case FLOAT32 -> ((float[]) array)[i];
            case FLOAT16 -> Halves.halfToFloat(((short[]) array)[i]);
            case BFLOAT16 -> Halves.bfloat16ToFloat(((short[]) array)[i]);
            default -> getLong(dtype, array, i);
        };
    }

    private static void setLong(DType dtype, Object array, int i, long value) {
        switch (dtype) {
            case INT8, UINT8 -> ((byte[]) array)[i] = (byte) value;
            case INT32 -> ((int[]) array)[i] = (int) value;
            default -> ((long[]) array)[i] = value;
        }
    }

    private static void setDouble(DType dtype, Object array, int i, double value) {
        switch (dtype) {
            case FLOAT64 -> ((double[]) array)[i] = value;
            case FLOAT32 -> ((float[]) array)[i] = (float) value;
            case FLOAT16 -> ((short[]) array)[i] = Halves.floatToHalf((float) value);
            case BFLOAT16 -> ((short[]) array)[i] = Halves.floatToBfloat16((float) value);
            case INT8 -> ((byte[]) array)[i] = (byte) Math.max(Byte.MIN_VALUE, Math.min(Byte.MAX_VALUE, value));
            case UINT8 -> ((byte[]) array)[i] = (byte) (int) Math.max(0, Math.min(255, value));
            case INT32 -> ((int[]) array)[i] = (int) value;
            default -> ((long[]) array)[i] = (long) value;
        }
    }

    private static boolean isInteger(DType dtype) {
        return !dtype.isFloating();
    }
}
