package io.kvstore.compression;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MxnetQuantizationTest {
    private static final int PUSHES = 120;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 4, 5, 15, 16, 17, 31, 33, 4095, 4097, 100_003})
    void payloadResidualAndDecodedValuesAreMxnetsBitByBit(int length) {
        for (float threshold : new float[] {-0.5f, 0, 0.5f, 1e-7f}) {
            compare(
                    length,
                    threshold,
                    GradientCompression.oneBit(threshold).codec(),
                    (gradient, before) -> MxnetQuantization.oneBit(threshold, gradient, before));
        }
        for (float threshold : new float[] {0.5f, 0.1f, 1e-7f}) {
            compare(
                    length,
                    threshold,
                    GradientCompression.twoBit(threshold).codec(),
                    (gradient, before) -> MxnetQuantization.twoBit(threshold, gradient, before));
        }
    }

    private static void compare(
            int length, float threshold, GradientCodec codec, BiFunction<float[], float[], MxnetQuantization> mxnet) {
        long seed = 31L * length + Float.floatToIntBits(threshold);
        SplittableRandom random = new SplittableRandom(seed);
        float[] residual = new float[length];
        float[] expected = residual;
        for (int push = 0; push < PUSHES; push++) {
            float[] gradient = gradient(length, threshold, random);
            MxnetQuantization reference = mxnet.apply(gradient, expected);
            for (int i = 0; i < length; i++) {
                residual[i] += gradient[i];
            }
            byte[] payload = codec.encoder(residual).encode(0, length);
            String what = codec.getClass().getSimpleName() + ", threshold " + threshold + ", " + length
                    + " elements, push " + push + ", seed " + seed;
            expected = reference.residual;
            assertThat(payload).as(what).isEqualTo(reference.payload());
            assertThat(payload.length).as(what).isEqualTo((int) codec.payloadBytes(length));
            assertSame(what, residual, reference.residual);
            float[] decoded = new float[length];
            codec.decode(payload, 0, length, decoded, 0);
            assertSame(what, decoded, reference.decoded);
        }
    }

    /** Mostly small values of either sign, some at the threshold and around it, some far beyond. */
    private static float[] gradient(int length, float threshold, SplittableRandom random) {
        float[] gradient = new float[length];
        for (int i = 0; i < length; i++) {
            gradient[i] = switch (random.nextInt(8)) {
                case 0 -> threshold;
                case 1 -> -threshold;
                case 2 -> Math.nextUp(threshold);
                case 3 -> 100 * (float) random.nextDouble() - 50;
                case 4 -> 0;
                default -> 2 * (float) random.nextDouble() - 1;
            };
        }
        return gradient;
    }

    private static void assertSame(String what, float[] actual, float[] expected) {
        int different = Arrays.mismatch(actual, expected); // compares bits, but for the kinds of NaN
        assertThat(different).as("%s: first element that differs", what).isEqualTo(-1);
    }

    @Test
    void theReferenceIsTheOneOfTheCaseFile() {
        float[] gradient = {0.5f, -0.5f, 0.49f, -0.7f};
        MxnetQuantization quantized = MxnetQuantization.twoBit(0.5f, gradient, new float[4]);
        assertThat(quantized.payload()).containsExactly(0xE2, 0, 0, 0);
        assertThat(quantized.residual).containsExactly(0, 0, 0.49f, -0.7f + 0.5f);
    }
}
