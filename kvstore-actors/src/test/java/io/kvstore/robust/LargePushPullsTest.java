package io.kvstore.robust;

import static io.kvstore.robust.Support.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A {@code pushPull} of arrays so large that outputs are filled block by block as the sums are made. */
class LargePushPullsTest {
    private static final int LENGTH = 50_001;
    private static final List<String> KEYS = List.of("a", "b");

    private final Random random = new Random(25);

    private static KVStore open(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.init(KEYS, List.of(Nd4j.zeros(LENGTH), Nd4j.zeros(LENGTH)));
        return kv;
    }

    private INDArray gradient() {
        float[] values = new float[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            values[i] = random.nextInt(2000) - 1000;
        }
        return Nd4j.createFromArray(values);
    }

    private List<List<INDArray>> gradients(int devices) {
        List<List<INDArray>> all = new ArrayList<>();
        for (int key = 0; key < KEYS.size(); key++) {
            List<INDArray> ofKey = new ArrayList<>();
            for (int device = 0; device < devices; device++) {
                ofKey.add(gradient());
            }
            all.add(ofKey);
        }
        return all;
    }

    private static DenseTensor sum(List<INDArray> arrays) {
        float[] sum = new float[LENGTH];
        for (INDArray array : arrays) {
            float[] values = Tensor.copyOf(array).floats();
            for (int i = 0; i < LENGTH; i++) {
                sum[i] += values[i];
            }
        }
        return DenseTensor.of(sum);
    }

    private static List<DenseTensor> sums(List<List<INDArray>> gradients) {
        return gradients.stream().map(LargePushPullsTest::sum).toList();
    }

    private static void assertEach(List<INDArray> outs, DenseTensor expected) {
        for (INDArray out : outs) {
            assertThat(Tensor.copyOf(out)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void outputsOfManyKindsGetTheSums(String type) {
        try (KVStore kv = open(type)) {
            for (int devices = 1; devices <= 7; devices++) {
                List<List<INDArray>> gradients = gradients(devices);
                INDArray wide = Nd4j.zeros(DataType.DOUBLE, LENGTH);
                INDArray strided = Nd4j.zeros(DataType.FLOAT, LENGTH, 2)
                        .get(NDArrayIndex.all(), NDArrayIndex.point(1))
                        .reshape(LENGTH);
                INDArray plain = Nd4j.zeros(DataType.FLOAT, LENGTH);
                INDArray other = Nd4j.zeros(DataType.FLOAT, LENGTH);
                kv.pushPull(KEYS, gradients, List.of(List.of(plain, wide), List.of(strided, other)));
                List<DenseTensor> sums = sums(gradients);
                assertEach(List.of(plain, wide.castTo(DataType.FLOAT)), sums.get(0));
                assertEach(List.of(strided.dup(), other), sums.get(1));
                assertEach(kv.pull(KEYS), sums);
            }
        }
    }

    private static void assertEach(List<INDArray> outs, List<DenseTensor> expected) {
        for (int i = 0; i < outs.size(); i++) {
            assertThat(Tensor.copyOf(outs.get(i))).isEqualTo(expected.get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void outputsGetTheUpdatedWeights(String type) {
        try (KVStore kv = open(type)) {
            kv.setOptimizer(
                    Optimizer.sgd().learningRate(0.5).set("momentum", 0.5).build());
            List<List<INDArray>> gradients = List.of(
                    List.of(Nd4j.valueArrayOf(LENGTH, 1f), Nd4j.valueArrayOf(LENGTH, 3f)),
                    List.of(Nd4j.valueArrayOf(LENGTH, 2f)));
            INDArray out = Nd4j.zeros(DataType.FLOAT, LENGTH);
            INDArray wide = Nd4j.zeros(DataType.DOUBLE, LENGTH);
            double[] expected = {-2, -2 - 3};
            for (double weight : expected) { // velocities 2 and 3
                kv.pushPull(KEYS, gradients, List.of(out, wide));
                assertThat(out.minNumber().doubleValue()).isEqualTo(weight);
                assertThat(out.maxNumber().doubleValue()).isEqualTo(weight);
                assertThat(wide.minNumber().doubleValue()).isEqualTo(weight / 2);
                assertThat(wide.maxNumber().doubleValue()).isEqualTo(weight / 2);
                assertThat(kv.pull(KEYS).get(0)).isEqualTo(out);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void thePushedArraysThemselvesCanBeTheOutputs(String type) {
        try (KVStore kv = open(type)) {
            List<List<INDArray>> gradients = gradients(3);
            List<DenseTensor> sums = sums(gradients);
            kv.pushPull(KEYS, gradients);
            assertEach(gradients.get(0), sums.get(0));
            assertEach(gradients.get(1), sums.get(1));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void noOutputIsWrittenWhileAnotherKeyMayStillReadIt(String type) {
        try (KVStore kv = open(type)) {
            for (int round = 0; round < 20; round++) {
                List<List<INDArray>> gradients = gradients(2);
                List<DenseTensor> sums = sums(gradients);
                List<List<INDArray>> crossed = List.of(gradients.get(1), gradients.get(0));
                kv.pushPull(KEYS, gradients, crossed);
                assertEach(crossed.get(0), sums.get(0));
                assertEach(crossed.get(1), sums.get(1));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anOutputMayOverlapWhatIsPushedAtAnotherPlace(String type) {
        try (KVStore kv = open(type)) {
            INDArray memory = Nd4j.zeros(DataType.FLOAT, LENGTH + 5000);
            INDArray pushed = memory.get(NDArrayIndex.interval(0, LENGTH));
            pushed.assign(gradient());
            DenseTensor expected = Tensor.copyOf(pushed);
            INDArray out = memory.get(NDArrayIndex.interval(5000, LENGTH + 5000));
            kv.pushPull("a", pushed, out);
            assertThat(Tensor.copyOf(out)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aRefusedCallWritesNoOutput(String type) {
        try (KVStore kv = open(type)) {
            List<List<INDArray>> outs = List.of(List.of(Nd4j.ones(LENGTH)), List.of(Nd4j.ones(LENGTH)));
            refused(
                    Reason.SHAPE_MISMATCH,
                    () -> kv.pushPull(KEYS, List.of(List.of(gradient()), List.of(Nd4j.ones(3))), outs));
            assertThat(outs.get(0).get(0).sumNumber().intValue()).isEqualTo(LENGTH);
            assertThat(outs.get(1).get(0).sumNumber().intValue()).isEqualTo(LENGTH);
        }
    }
}
