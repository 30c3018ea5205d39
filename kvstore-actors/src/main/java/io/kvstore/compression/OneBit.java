package io.kvstore.compression;

/**
 * One bit for each element, with MXNet's arithmetic (src/kvstore/gradient_compression-inl.h, quantize_1bit).
 *
 * <pre>
 *   v &gt; threshold: bit 1, decoded as +1, v - 1 stays
 *   else:          bit 0, decoded as -1, v + 1 stays
 * </pre>
 *
 * <p>Element {@code i} is in byte {@code i / 8}, the first in the highest bit. The payload is filled up with zero bits to
 * whole 4 bytes: {@code 4 ceil(n / 32)} bytes. A gradient of zeros moves values too.
 */
final class OneBit implements GradientCodec {
    private static final float[] LEVELS = {-1, 1};

    private final float threshold;

    OneBit(float threshold) {
        this.threshold = threshold;
    }

    float threshold() {
        return threshold;
    }

    @Override
    public long payloadBytes(int length) {
        return 4 * ((length + 31L) / 32);
    }

    @Override
    public Encoder encoder(float[] values) {
        return (from, count) -> encode(values, from, count);
    }

    private byte[] encode(float[] values, int from, int count) {
        byte[] payload = new byte[(int) payloadBytes(count)];
        for (int first = 0; first < count; first += 8) {
            int end = Math.min(8, count - first);
            int bits = 0;
            for (int i = 0; i < end; i++) {
                float value = values[from + first + i];
                int bit = value > threshold ? 1 : 0;
                values[from + first + i] = value - LEVELS[bit];
                bits |= bit << 7 - i;
            }
            payload[first >> 3] = (byte) bits;
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
            into[at + i] = LEVELS[payload[element >> 3] >> 7 - (element & 7) & 1];
        }
    }
}
