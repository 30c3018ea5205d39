package io.kvstore.examples.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvstore.KVStore;
import io.kvstore.optimizer.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class DataParallelJobTest {
    private static final Table IRIS = Table.iris();
    private static final int[] ROWS = IntStream.range(0, IRIS.rows()).toArray();
    private static final Data DATA = Data.of(IRIS, ROWS, Scaling.of(IRIS.features(), ROWS));

    private static final Optimizer HALF = Optimizer.of("sgd", Map.of("learning_rate", 0.5));

    private static Replica replica() {
        return new Replica(4, 3, 7);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 7, 64})
    void sharesTogetherAreTheBatch(int devices) {
        int[] batch = {5, 3, 9, 1, 7};

        assertThat(IntStream.range(0, devices)
                        .flatMap(device -> IntStream.of(DataParallelJob.share(batch, device, devices))))
                .containsExactly(5, 3, 9, 1, 7);
    }

    /** A short last batch must weigh as its rows do: the reference is the mean gradient of one device. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 7})
    void oneStepIsPlainGradientDescentOnTheWholeBatch(int devices) {
        int[] batch = {0, 60, 120, 3, 77};
        Replica alone = replica();
        Map<String, INDArray> expected = alone.gradient(DATA.select(batch)).byKey();
        alone.weights().forEach((key, weight) -> weight.subi(expected.get(key).mul(0.5 / batch.length)));

        List<Replica> replicas =
                Stream.generate(DataParallelJobTest::replica).limit(devices).toList();
        try (KVStore store = KVStore.builder().type("device").devices(devices).build();
                DataParallelJob job = new DataParallelJob(store, HALF, replicas)) {
            job.step(DATA, batch);
        }

        for (Replica replica : replicas) {
            replica.weights()
                    .forEach((key, weight) -> assertThat(
                                    weight.distance2(alone.weights().get(key)))
                            .as(key)
                            .isCloseTo(0, within(1e-5)));
        }
    }

    @Test
    void replicasStartFromTheFirstOnesWeights() {
        List<Replica> replicas = List.of(new Replica(4, 3, 1), new Replica(4, 3, 2));
        INDArray first = replicas.get(0).weights().get("0_W").dup();

        try (KVStore store = KVStore.create("device");
                DataParallelJob job = new DataParallelJob(store, HALF, replicas)) {
            assertThat(job.keys()).containsExactly("0_W", "0_b", "1_W", "1_b");
        }

        assertThat(replicas.get(1).weights().get("0_W")).isEqualTo(first);
    }

    @Test
    void aDeviceWithoutRowsContributesZero() {
        Replica.Gradient gradient = replica().gradient(DATA.select(new int[0]));

        assertThat(gradient.loss()).isZero();
        gradient.byKey()
                .forEach((key, array) ->
                        assertThat(array.norm1Number().doubleValue()).as(key).isZero());
        assertThat(gradient.byKey()).containsOnlyKeys("0_W", "0_b", "1_W", "1_b");
    }
}
