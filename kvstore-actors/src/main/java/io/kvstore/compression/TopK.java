package io.kvstore.compression;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Arrays;

/**
 * The elements of greatest magnitude as they are; all others stay.
 *
 * <p>Of a tensor of n elements {@code k = max(1, ceil(ratio n))} are sent, the ratio taken as its decimal digits say; of
 * equal magnitudes those with the lowest indices. They are chosen over the whole tensor, whatever its slices. The payload
 * is {@code 4 + 8 k} bytes, little-endian: the count, the indices in ascending order (int32, from the start of the range),
 * and the values (float32) in the same order. An element that is not named is 0. (MXNet has no such codec; error feedback
 * as in Stich et al. 2018, "Sparsified SGD with Memory".)
 */
final class TopK implements GradientCodec {
    private static final int HEADER = 4;
    private static final int PER_ELEMENT = 8;

    private final double ratio;

    /** @param ratio in (0, 1] */
    TopK(double ratio) {
        this.ratio = ratio;
    }

    /** How many of {@code length} elements are sent. */
    int count(int length) {
        BigDecimal exact = BigDecimal.valueOf(ratio).multiply(BigDecimal.valueOf(length));
        return Math.min(
                length, Math.max(1, exact.setScale(0, RoundingMode.CEILING).intValue()));
    }

    @Override
    public long payloadBytes(int length) {
        return HEADER + (long) PER_ELEMENT * count(length);
    }

    @Override
    public Encoder encoder(float[] values) {
        Greatest chosen = Greatest.of(values, count(values.length));
        return (from, count) -> encode(values, chosen, from, count);
    }

    private static byte[] encode(float[] values, Greatest chosen, int from, int count) {
        int k = chosen.countIn(values, from, count);
        byte[] payload = new byte[HEADER + PER_ELEMENT * k];
        Payloads.putInt(payload, 0, k);
        int index = HEADER;
        int value = HEADER + 4 * k;
        for (int i = from; i < from + count; i++) {
            if (chosen.has(values[i], i)) {
                Payloads.putInt(payload, index, i - from);
                Payloads.putFloat(payload, value, values[i]);
                values[i] = 0;
                index += 4;
                value += 4;
            }
        }
        return payload;
    }

    @Override
    public String problem(byte[] payload, int length) {
        if (payload.length < HEADER) {
            return "the payload has at least " + HEADER + " bytes, given " + payload.length;
        }
        int k = Payloads.getInt(payload, 0);
        if (k < 0 || k > length) {
            return "the payload of " + length + " elements names " + k + " of them";
        }
        if (payload.length != HEADER + (long) PER_ELEMENT * k) {
            return "the payload of " + k + " indices and values has " + (HEADER + (long) PER_ELEMENT * k)
                    + " bytes, given " + payload.length;
        }
        int last = -1;
        for (int i = 0; i < k; i++) {
            int index = index(payload, i);
            if (index <= last || index >= length) {
                return "indices ascend and are below " + length + ", given " + index + " after " + last;
            }
            last = index;
        }
        return null;
    }

    @Override
    public void decode(byte[] payload, int from, int count, float[] into, int at) {
        Arrays.fill(into, at, at + count, 0);
        int k = Payloads.getInt(payload, 0);
        for (int i = firstAtOrAfter(payload, k, from); i < k && index(payload, i) < from + count; i++) {
            into[at + index(payload, i) - from] = Payloads.getFloat(payload, HEADER + 4 * k + 4 * i);
        }
    }

    private static int firstAtOrAfter(byte[] payload, int k, int element) {
        int low = 0;
        int high = k;
        while (low < high) {
            int middle = low + high >>> 1;
            if (index(payload, middle) < element) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int index(byte[] payload, int i) {
        return Payloads.getInt(payload, HEADER + 4 * i);
    }
}
