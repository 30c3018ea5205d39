package io.kvstore.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Values copied into outputs by a caller with and without help. */
class FillingTest {
    private static final int LARGE = 300_001;
    private static final Consumer<Runnable> NOBODY = work -> {};

    private final Random random = new Random(20);

    @Test
    void everyOutputGetsItsValueFromTheCallerAlone() {
        fillsEverything(NOBODY);
    }

    @Test
    void everyOutputGetsItsValueFromSeveralThreads() throws InterruptedException {
        ExecutorService helpers = Executors.newFixedThreadPool(3);
        try {
            for (int i = 0; i < 5; i++) {
                fillsEverything(helpers::execute);
            }
        } finally {
            helpers.shutdown();
            assertThat(helpers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    private void fillsEverything(Consumer<Runnable> helpers) {
        List<DenseTensor> values = new ArrayList<>();
        List<List<INDArray>> outs = new ArrayList<>();
        for (int length : new int[] {1, LARGE, 0, 7, 65_536, 131_072, 3}) {
            values.add(value(length));
            outs.add(List.of(zeros(length), everyOtherOf(length), zeros(length)));
        }
        Filling filling = new Filling(values.size());
        for (int i = 0; i < values.size(); i++) {
            filling.add(values.get(i), outs.get(i).stream().map(NdView::writing).toList());
        }
        filling.run(helpers);
        for (int i = 0; i < values.size(); i++) {
            for (INDArray out : outs.get(i)) {
                assertThat(Tensor.copyOf(out)).isEqualTo(values.get(i));
            }
        }
    }

    @Test
    void ofOutputsThatShareMemoryTheLastAddedWinsAndNobodyIsAskedForHelp() {
        INDArray out = zeros(LARGE);
        DenseTensor first = value(LARGE);
        DenseTensor last = value(LARGE);
        Filling filling = new Filling(2);
        filling.add(first, List.of(NdView.writing(out)));
        filling.add(last, List.of(NdView.writing(out)));
        List<Runnable> asked = new ArrayList<>();
        filling.run(asked::add);
        assertThat(asked).isEmpty();
        assertThat(Tensor.copyOf(out)).isEqualTo(last);
    }

    @Test
    void whoComesLateToHelpWritesNothing() {
        INDArray out = zeros(LARGE);
        Filling filling = new Filling(1);
        filling.add(value(LARGE), List.of(NdView.writing(out)));
        List<Runnable> late = new ArrayList<>();
        filling.run(late::add);
        out.assign(5);
        late.forEach(Runnable::run);
        assertThat(out.minNumber().floatValue()).isEqualTo(5);
        assertThat(out.maxNumber().floatValue()).isEqualTo(5);
    }

    @Test
    void manyTinyValuesAreCopiedByTheCallerAlone() {
        int keys = 20_000;
        Filling filling = new Filling(keys);
        DenseTensor value = value(16);
        INDArray out = zeros(16);
        for (int i = 0; i < keys; i++) {
            filling.add(value, List.of(NdView.writing(out)));
        }
        List<Runnable> asked = new ArrayList<>();
        filling.run(asked::add);
        assertThat(asked).isEmpty();
        assertThat(Tensor.copyOf(out)).isEqualTo(value);
    }

    private DenseTensor value(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat();
        }
        return DenseTensor.of(values);
    }

    private static INDArray zeros(int length) {
        return length == 0 ? Nd4j.empty(DataType.FLOAT) : Nd4j.zeros(DataType.FLOAT, length);
    }

    private static INDArray everyOtherOf(int length) {
        return length == 0
                ? zeros(0)
                : Nd4j.zeros(DataType.FLOAT, length, 2).get(NDArrayIndex.all(), NDArrayIndex.point(1));
    }
}
