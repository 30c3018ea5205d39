package io.kvstore.compression;

import io.kvstore.tensor.Halves;

/**
 * Each element as an IEEE 754 binary16, rounded to nearest, ties to even; the rounding error stays. A value beyond the
 * type's range, ±65504, is sent as its end, and the rest stays.
 *
 * <p>The payload is {@code 2 n} bytes, little-endian. (MXNet has no such codec.)
 */
final class Fp16 implements GradientCodec {
    private static final int INFINITY = 0x7c00;
    private static final int MAGNITUDE = 0x7fff;

    @Override
    public long payloadBytes(int length) {
        return 2L * length;
    }

    @Override
    public Encoder encoder(float[] values) {
        return (from, count) -> encode(values, from, count);
    }

    private static byte[] encode(float[] values, int from, int count) {
        byte[] payload = new byte[2 * count];
        for (int i = 0; i < count; i++) {
            float value = values[from + i];
            short half = Halves.floatToHalf(value);
            if ((half & MAGNITUDE) == INFINITY) {
                half--; // the greatest number of that sign
            }
            values[from + i] = value - Halves.halfToFloat(half);
            Payloads.putShort(payload, 2 * i, half);
        }
        return payload;
    }

    @Override
    public String problem(byte[] payload, int length) {
        return Payloads.sizeProblem(payload, payloadBytes(length), length);
    }

    @Override
    public void decode(byte[] payload, int from, int count, float[] into, int at) {
        for (int i = 0; i < count; i++) {
            into[at + i] = Halves.halfToFloat(Payloads.getShort(payload, 2 * (from + i)));
        }
    }
}
