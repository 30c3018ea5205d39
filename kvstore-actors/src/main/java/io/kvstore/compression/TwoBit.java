package io.kvstore.compression;

/**
 * Two bits for each element, with MXNet's arithmetic (src/kvstore/gradient_compression-inl.h, quantize_2bit).
 *
 * <pre>
 *   v &gt;= threshold:  code 11, decoded as +threshold, v - threshold stays
 *   v &lt;= -threshold: code 10, decoded as -threshold, v + threshold stays
 *   else:            code 00, decoded as 0, v stays
 * </pre>
 *
 * <p>Element {@code i} is in byte {@code i / 4}, the first in the highest bits. The payload is filled up with zero bits to
 * whole 4 bytes: {@code 4 ceil(n / 16)} bytes. Code 01 is never written, and decoded as 0.
 */
final class TwoBit implements GradientCodec {
    private static final int PLUS = 0b11;
    private static final int MINUS = 0b10;
    private static final int INFINITY = 0x7f800000;

    private final int thresholdBits;
    private final float[] levels = new float[4];

    /** @param threshold greater than 0 */
    TwoBit(float threshold) {
        this.thresholdBits = Float.floatToRawIntBits(threshold);
        levels[PLUS] = threshold;
        levels[MINUS] = -threshold;
    }

    float threshold() {
        return levels[PLUS];
    }

    @Override
    public long payloadBytes(int length) {
        return 4 * ((length + 15L) / 16);
    }

    @Override
    public Encoder encoder(float[] values) {
        return (from, count) -> encode(values, from, count);
    }

    private byte[] encode(float[] values, int from, int count) {
        byte[] payload = new byte[(int) payloadBytes(count)];
        int whole = count / 4;
        for (int b = 0; b < whole; b++) {
            int at = from + 4 * b;
            payload[b] = (byte) (take(values, at) << 6
                    | take(values, at + 1) << 4
                    | take(values, at + 2) << 2
                    | take(values, at + 3));
        }
        for (int i = 4 * whole; i < count; i++) {
            payload[whole] |= (byte) (take(values, from + i) << 6 - 2 * (i & 3));
        }
        return payload;
    }

    /** The code of one element, which is left with the rest. */
    private int take(float[] values, int at) {
        float value = values[at];
        int code = code(value);
        values[at] = value - levels[code];
        return code;
    }

    /**
     * Compares magnitudes by their bits, which have the same order, and without a branch: which elements
     * reach the threshold is nothing that a processor could foresee.
     */
    private int code(float value) {
        int bits = Float.floatToRawIntBits(value);
        int magnitude = bits & Integer.MAX_VALUE;
        int reached = thresholdBits - 1 - magnitude >> 31; // all ones or all zeros
        int isNumber = magnitude - INFINITY - 1 >> 31;
        return reached & isNumber & PLUS - (bits >>> 31);
    }

    @Override
    public String problem(byte[] payload, int length) {
        return Payloads.sizeProblem(payload, payloadBytes(length), length);
    }

    @Override
    public void decode(byte[] payload, int from, int count, float[] into, int at) {
        for (int i = 0; i < count; i++) {
            int element = from + i;
            into[at + i] = levels[payload[element >> 2] >> 6 - 2 * (element & 3) & 3];
        }
    }
}
