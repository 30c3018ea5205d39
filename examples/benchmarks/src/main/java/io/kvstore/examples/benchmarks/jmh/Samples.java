package io.kvstore.examples.benchmarks.jmh;

import io.kvstore.tensor.DenseTensor;
import java.util.SplittableRandom;

/** Input for benchmarks; equal in every run. */
final class Samples {
    private Samples() {}

    /** Values uniform in [-1, 1), in no order that a processor could learn. */
    static float[] floats(int length) {
        SplittableRandom random = new SplittableRandom(1);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = 2 * (float) random.nextDouble() - 1;
        }
        return values;
    }

    /** The same values as a vector. */
    static DenseTensor tensor(int length) {
        return DenseTensor.of(floats(length));
    }
}
