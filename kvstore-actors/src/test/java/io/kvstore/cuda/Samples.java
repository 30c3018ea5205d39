package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.fail;

import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.Random;

/** Seeded tensors in which everything awkward happens, and their exact comparison. */
final class Samples {
    private static final int[] AWKWARD = {
        0x00000000,
        0x80000000, // zeros
        0x00000001,
        0x80000003,
        0x007fffff, // denormals
        0x33800000,
        0x387fe000, // denormal as float16
        0x7f7fffff,
        0xff7fffff,
        0x477fefff,
        0x477ff000, // the greatest, and around float16's
        0x7f800000,
        0xff800000,
        0x7fc00000,
        0xffc01234, // infinities and NaNs
        0x3f000000,
        0xbf000000, // a threshold
    };

    private Samples() {}

    /** Random values, one of sixteen of them awkward. */
    static DenseTensor awkward(DType dtype, Random random, long... extents) {
        return random(dtype, random, true, extents);
    }

    /** Random finite values of everyday size. */
    static DenseTensor plain(DType dtype, Random random, long... extents) {
        return random(dtype, random, false, extents);
    }

    private static DenseTensor random(DType dtype, Random random, boolean awkward, long... extents) {
        DenseTensor tensor = DenseTensor.zeros(dtype, Shape.of(extents));
        Object data = tensor.data();
        float[] one = new float[1];
        for (int i = 0; i < tensor.length(); i++) {
            if (data instanceof byte[] bytes) {
                bytes[i] = (byte) random.nextInt();
            } else if (data instanceof int[] ints) {
                ints[i] = random.nextInt();
            } else if (data instanceof long[] longs) {
                longs[i] = random.nextLong();
            } else {
                one[0] = awkward && random.nextInt(16) == 0
                        ? Float.intBitsToFloat(AWKWARD[random.nextInt(AWKWARD.length)])
                        : (float) (random.nextGaussian() * Math.scalb(1, random.nextInt(8) - 4));
                Casts.fromFloats(one, 0, dtype, data, i, 1);
                if (data instanceof double[] doubles && Double.isFinite(doubles[i])) {
                    doubles[i] *= 1 + random.nextDouble() * 1e-9;
                }
            }
        }
        return tensor;
    }

    /** Bit by bit, but for NaNs, which are all one. */
    static void assertSame(DenseTensor actual, DenseTensor expected, String what) {
        for (int i = 0; i < expected.length(); i++) {
            long a = bits(actual, i);
            long e = bits(expected, i);
            if (a != e && !(isNaN(actual, i) && isNaN(expected, i))) {
                fail("%s: element %d is %s (0x%x), expected %s (0x%x)"
                        .formatted(what, i, value(actual, i), a, value(expected, i), e));
            }
        }
    }

    private static long bits(DenseTensor tensor, int i) {
        Object data = tensor.data();
        if (data instanceof float[] floats) {
            return Float.floatToRawIntBits(floats[i]);
        }
        if (data instanceof double[] doubles) {
            return Double.doubleToRawLongBits(doubles[i]);
        }
        return data instanceof short[] halves ? halves[i] : Casts.getLong(tensor.dtype(), data, i);
    }

    private static boolean isNaN(DenseTensor tensor, int i) {
        return tensor.dtype().isFloating() && Double.isNaN(Casts.getDouble(tensor.dtype(), tensor.data(), i));
    }

    private static String value(DenseTensor tensor, int i) {
        return tensor.dtype().isFloating()
                ? String.valueOf(Casts.getDouble(tensor.dtype(), tensor.data(), i))
                : String.valueOf(Casts.getLong(tensor.dtype(), tensor.data(), i));
    }
}
