package io.kvstore.examples.benchmarks;

import io.kvstore.compression.GradientCodec;
import io.kvstore.compression.GradientCompression;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * How long it takes to pack a million gradients and to read them back, on one thread, beside a plain copy of them.
 *
 * <p>Run it with {@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am
 * -Dmain.class=io.kvstore.examples.benchmarks.CodecSpeed}.
 */
public final class CodecSpeed {
    private static final int LENGTH = 1_000_000;
    private static final int ROUNDS = 101;
    private static final int BLOCK = 4096;

    private CodecSpeed() {}

    public static void main(String[] arguments) {
        float[] gradient = gradient();
        float[] values = new float[LENGTH];
        double[] copy = new double[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            System.arraycopy(gradient, 0, values, 0, LENGTH);
            copy[round] = (System.nanoTime() - start) / 1e6;
        }
        System.out.printf(Locale.ROOT, "copy of %d floats: %.2f ms%n", LENGTH, median(copy));
        System.out.println("compression          encode ms   decode ms   payload bytes");
        for (GradientCompression compression : List.of(
                GradientCompression.oneBit(0),
                GradientCompression.twoBit(0.5),
                GradientCompression.fp16(),
                GradientCompression.topK(0.01))) {
            measure(compression, gradient, values);
        }
    }

    /** Half of the elements reach the threshold 0.5 at once, in no order that a processor could learn. */
    private static float[] gradient() {
        SplittableRandom random = new SplittableRandom(1);
        float[] gradient = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            gradient[i] = 2 * (float) random.nextDouble() - 1;
        }
        return gradient;
    }

    private static void measure(GradientCompression compression, float[] gradient, float[] values) {
        GradientCodec codec = compression.codec();
        double[] encode = new double[ROUNDS];
        double[] decode = new double[ROUNDS];
        byte[] payload = {};
        for (int round = 0; round < ROUNDS; round++) {
            System.arraycopy(gradient, 0, values, 0, LENGTH);
            long start = System.nanoTime();
            payload = codec.encoder(values).encode(0, LENGTH);
            encode[round] = (System.nanoTime() - start) / 1e6;
            start = System.nanoTime();
            for (int from = 0; from < LENGTH; from += BLOCK) {
                codec.decode(payload, from, Math.min(BLOCK, LENGTH - from), values, from);
            }
            decode[round] = (System.nanoTime() - start) / 1e6;
        }
        System.out.printf(
                Locale.ROOT, "%-20s %9.2f %11.2f %15d%n", compression, median(encode), median(decode), payload.length);
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
