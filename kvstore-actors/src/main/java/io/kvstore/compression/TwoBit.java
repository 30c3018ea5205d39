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

    private final float threshold;
    private final float[] levels = new float[4];

    /** @param threshold greater than 0 */
    TwoBit(float threshold) {
        this.threshold = threshold;
        levels[PLUS] = threshold;
        levels[MINUS] = -threshold;
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
        for (int first = 0; first < count; first += 4) {
            int end = Math.min(4, count - first);
            int bits = 0;
            for (int i = 0; i < end; i++) {
                float value = values[from + first + i];
                int code = (value >= threshold ? PLUS : 0) | (value <= -threshold ? MINUS : 0);
                values[from + first + i] = value - levels[code];
                bits |= code << 6 - 2 * i;
            }
            payload[first >> 2] = (byte) bits;
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
            int element = from + i;
            into[at + i] = levels[payload[element >> 2] >> 6 - 2 * (element & 3) & 3];
        }
    }
}
