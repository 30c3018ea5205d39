package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Bits.assertValues;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Of group M: the sum over devices. */
class SumsTest {
    private static final long SEED = 47;
    private static final int LENGTH = 5_000;

    @EveryStore
    void M05_theSumOverDevicesIsExactForIntegersAndElseToRounding(Subject subject) {
        Random random = new Random(SEED);
        try (KVStore kv = subject.open()) {
            kv.init(subject.key(0), filled(0, LENGTH));
            for (int devices = 1; devices <= 10; devices++) {
                float[][] integers = values(devices, r -> r.nextInt(-1000, 1000), random);
                kv.push(subject.key(0), arrays(integers));
                assertValues(kv.pull(subject.key(0)), exactly(integers));
                float[][] reals = values(devices, r -> r.nextFloat() * 2 - 1, random);
                kv.push(subject.key(0), arrays(reals));
                assertClose(kv.pull(subject.key(0)), exactly(reals), devices);
            }
        }
    }

    private static float[][] values(int devices, ToDoubleFunction<Random> each, Random random) {
        float[][] values = new float[devices][LENGTH];
        for (float[] ofDevice : values) {
            for (int i = 0; i < LENGTH; i++) {
                ofDevice[i] = (float) each.applyAsDouble(random);
            }
        }
        return values;
    }

    private static List<INDArray> arrays(float[][] values) {
        List<INDArray> arrays = new ArrayList<>();
        for (float[] ofDevice : values) {
            arrays.add(Nd4j.createFromArray(ofDevice));
        }
        return arrays;
    }

    /** The sums, taken in double and rounded once. */
    private static float[] exactly(float[][] values) {
        float[] sums = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            double sum = 0;
            for (float[] ofDevice : values) {
                sum += ofDevice[i];
            }
            sums[i] = (float) sum;
        }
        return sums;
    }

    /** Each of the additions rounds a value of at most {@code devices} by half a unit in the last place. */
    private static void assertClose(INDArray actual, float[] expected, int devices) {
        float[] values = Tensor.copyOf(actual).floats();
        double worst = 0;
        for (int i = 0; i < LENGTH; i++) {
            worst = Math.max(worst, Math.abs((double) values[i] - expected[i]));
        }
        assertThat(worst)
                .as("greatest error of a sum over %d devices, seed %d", devices, SEED)
                .isLessThanOrEqualTo(devices * Math.ulp((float) devices) / 2);
    }
}
