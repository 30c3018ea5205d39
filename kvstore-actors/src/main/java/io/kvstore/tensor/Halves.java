package io.kvstore.tensor;

/** Conversion of single values between float32 and the two 16-bit types, rounding to nearest, ties to even. */
public final class Halves {
    private Halves() {}

    /** The float32 value of IEEE 754 binary16 bits; exact. */
    public static float halfToFloat(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >>> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wide = exponent == 0x1f ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** The nearest IEEE 754 binary16 bits; beyond 65504 infinity, below 2^-25 zero. */
    public static short floatToHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude >= 0x47800000) { // 65536 and above, infinity, NaN
            boolean nan = magnitude > 0x7f800000;
            return (short) (sign | (nan ? 0x7e00 | magnitude >>> 13 & 0x3ff : 0x7c00));
        }
        if (magnitude < 0x38800000) { // subnormal as a half: let float addition do the rounding
            int rounded = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3f000000;
            return (short) (sign | rounded);
        }
        int rounded = magnitude + 0xfff + (magnitude >>> 13 & 1) - (112 << 23);
        return (short) (sign | rounded >>> 13);
    }

    /** The float32 value of bfloat16 bits; exact. */
    public static float bfloat16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }

    /** The nearest bfloat16 bits. */
    public static short floatToBfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (value != value) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
