package io.kvstore.compression;

/**
 * MXNet's 1-bit and 2-bit quantisation element by element, written from their formulas alone: what is sent, as bits in the
 * order of the elements, and what is left.
 */
final class MxnetQuantization {
    final float[] residual;
    final int[] bits;
    final float[] decoded;

    private MxnetQuantization(float[] residual, int bitsPerElement) {
        this.residual = residual;
        this.bits = new int[residual.length * bitsPerElement];
        this.decoded = new float[residual.length];
    }

    /** {@code r += g; r > t: 1, r -= 1, decoded 1; else: 0, r += 1, decoded -1}. */
    static MxnetQuantization oneBit(float threshold, float[] gradient, float[] before) {
        MxnetQuantization result = new MxnetQuantization(before.clone(), 1);
        for (int i = 0; i < gradient.length; i++) {
            result.residual[i] += gradient[i];
            if (result.residual[i] > threshold) {
                result.bits[i] = 1;
                result.residual[i] -= 1;
                result.decoded[i] = 1;
            } else {
                result.residual[i] += 1;
                result.decoded[i] = -1;
            }
        }
        return result;
    }

    /** {@code r += g; r >= t: 11, r -= t, decoded t; r <= -t: 10, r += t, decoded -t; else 00, decoded 0}. */
    static MxnetQuantization twoBit(float threshold, float[] gradient, float[] before) {
        MxnetQuantization result = new MxnetQuantization(before.clone(), 2);
        for (int i = 0; i < gradient.length; i++) {
            result.residual[i] += gradient[i];
            if (result.residual[i] >= threshold) {
                result.bits[2 * i] = 1;
                result.bits[2 * i + 1] = 1;
                result.residual[i] -= threshold;
                result.decoded[i] = threshold;
            } else if (result.residual[i] <= -threshold) {
                result.bits[2 * i] = 1;
                result.residual[i] += threshold;
                result.decoded[i] = -threshold;
            }
        }
        return result;
    }

    /** The bits from the highest of the first byte on, filled up with zeros to whole float32s. */
    byte[] payload() {
        byte[] payload = new byte[(bits.length + 31) / 32 * 4];
        for (int i = 0; i < bits.length; i++) {
            if (bits[i] == 1) {
                payload[i / 8] |= (byte) (128 >> i % 8);
            }
        }
        return payload;
    }
}
