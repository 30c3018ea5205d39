package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.Schedule;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TrainerTest {
    private static final Optimizer PLAIN = Optimizer.sgd().learningRate(1).build();
    private static final Optimizer MOMENTUM =
            Optimizer.sgd().learningRate(1).momentum(0.5).build();

    private static INDArray filled(double value, long... shape) {
        return Nd4j.valueArrayOf(shape, value, DataType.FLOAT);
    }

    private static List<INDArray> onDevices(int devices, double value, long... shape) {
        return Stream.generate(() -> filled(value, shape)).limit(devices).toList();
    }

    private static void assertEach(List<INDArray> replicas, double value) {
        for (INDArray replica : replicas) {
            assertThat(Tensor.copyOf(replica)).isEqualTo(Tensor.copyOf(filled(value, replica.shape())));
        }
    }

    private static Trainer trainer(String type, boolean onStore, Optimizer optimizer, List<INDArray> replicas) {
        return Trainer.builder()
                .parameter("w", replicas)
                .store(type)
                .updateOnStore(onStore)
                .optimizer(optimizer)
                .build();
    }

    @ParameterizedTest
    @CsvSource({
        "local, true, 1", "local, true, 4", "device, true, 1", "device, true, 4",
        "local, false, 1", "local, false, 4", "device, false, 1", "device, false, 4"
    })
    void aStepAppliesTheSumOfAllDevicesDividedByTheBatchSize(String type, boolean onStore, int devices) {
        List<INDArray> replicas = onDevices(devices, 10, 2, 3);
        try (Trainer trainer = trainer(type, onStore, PLAIN, replicas)) {
            trainer.step(Map.of("w", onDevices(devices, 8, 2, 3)), 16);
            assertThat(trainer.updatesOnStore()).isEqualTo(onStore);
        }
        assertEach(replicas, 10 - devices * 0.5);
    }

    @Test
    void theOptimizersOwnRescalingIsKept() {
        List<INDArray> replicas = onDevices(2, 0, 3);
        Optimizer doubled = PLAIN.toBuilder().rescaleGrad(2).build();
        try (Trainer trainer = trainer("local", true, doubled, replicas)) {
            trainer.step(Map.of("w", onDevices(2, 1, 3)), 4);
            assertThat(trainer.optimizer()).isEqualTo(doubled);
        }
        assertEach(replicas, -1);
    }

    @Test
    void oneDeviceTrainsWithoutAStore() {
        INDArray weight = filled(1, 3);
        try (Trainer trainer = Trainer.builder()
                .parameters(Map.of("w", weight))
                .optimizer(PLAIN)
                .build()) {
            trainer.step(Map.of("w", filled(3, 3)), 1);
            assertThat(trainer.store()).isEmpty();
            assertThat(trainer.updatesOnStore()).isFalse();
        }
        assertEach(List.of(weight), -2);
    }

    /** MXNet ends with a null dereference here. */
    @Test
    void oneDeviceGetsAStoreIfTheOptimizerShallRunThere() {
        List<INDArray> weight = onDevices(1, 1, 3);
        try (Trainer trainer = trainer("local", true, PLAIN, weight)) {
            assertThat(trainer.store().orElseThrow().type()).isEqualTo("local");
        }
    }

    static Stream<Optimizer> optimizers() {
        Stream<Optimizer> all = Stream.of(
                        "nag",
                        "adam",
                        "adamw",
                        "adamax",
                        "nadam",
                        "adagrad",
                        "adadelta",
                        "rmsprop",
                        "ftrl",
                        "ftml",
                        "signum",
                        "lamb",
                        "lars",
                        "dcasgd",
                        "sgld",
                        "test")
                .map(name -> Optimizer.of(name, Map.of("learning_rate", 0.05, "wd", 0.01)));
        Optimizer scheduled = Optimizer.sgd()
                .learningRate(0.1)
                .momentum(0.9)
                .clipGradient(0.3)
                .schedule(Schedule.factor(2, 0.5))
                .lrMult("b", 2)
                .build();
        return Stream.concat(Stream.of(scheduled), all);
    }

    /** The order of additions is the store's in both cases, and the arithmetic is one. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void anOptimizerGivesTheSameBitsHereAndInTheStore(Optimizer optimizer) {
        for (String type : List.of("local", "device")) {
            for (int devices : new int[] {1, 4}) {
                assertThat(trained(optimizer, type, devices, false))
                        .as("%s on %d devices, seed 7", type, devices)
                        .isEqualTo(trained(optimizer, type, devices, true));
            }
        }
    }

    /** Every replica after five steps with changing batch sizes and rates; a scalar, an f-order view, two types. */
    private static List<DenseTensor> trained(Optimizer optimizer, String type, int devices, boolean onStore) {
        Random random = new Random(7);
        Map<String, List<INDArray>> parameters = new LinkedHashMap<>();
        parameters.put("a", random(random, devices, DataType.FLOAT, 5, 3));
        parameters.put(
                "b",
                random(random, devices, DataType.FLOAT, 3, 70).stream()
                        .map(array -> array.dup('f').transpose())
                        .toList());
        parameters.put("c", random(random, devices, DataType.DOUBLE, 11));
        parameters.put("d", random(random, devices, DataType.FLOAT));
        try (Trainer trainer = Trainer.builder()
                .parameters(parameters)
                .store(KVStore.create(type))
                .updateOnStore(onStore)
                .optimizer(optimizer)
                .build()) {
            for (int step = 0; step < 5; step++) {
                if (step == 3) {
                    trainer.setLearningRate(0.02);
                }
                Map<String, List<INDArray>> gradients = new LinkedHashMap<>();
                parameters.forEach((name, replicas) -> gradients.put(
                        name,
                        random(
                                random,
                                devices,
                                replicas.get(0).dataType(),
                                replicas.get(0).shape())));
                trainer.step(gradients, 3 + step % 2);
            }
            trainer.store().orElseThrow().close();
        }
        return parameters.values().stream()
                .flatMap(List::stream)
                .map(Tensor::copyOf)
                .toList();
    }

    private static List<INDArray> random(Random random, int devices, DataType type, long... shape) {
        return IntStream.range(0, devices)
                .mapToObj(device -> {
                    INDArray array = shape.length == 0 ? Nd4j.scalar(type, 0) : Nd4j.create(type, shape);
                    for (long i = 0; i < array.length(); i++) {
                        array.putScalar(i, random.nextGaussian());
                    }
                    return array;
                })
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherBatchSizeOrRateKeepsTheMomentum(boolean onStore) {
        List<INDArray> replicas = onDevices(2, 0, 4);
        try (Trainer trainer = trainer("local", onStore, MOMENTUM, replicas)) {
            trainer.step(Map.of("w", onDevices(2, 1, 4)), 1); // v = -2, w = -2
            trainer.step(Map.of("w", onDevices(2, 1, 4)), 2); // v = -1 - 1, w = -4
            assertEach(replicas, -4);
            trainer.setLearningRate(0.25);
            assertThat(trainer.learningRate()).isEqualTo(0.25);
            trainer.step(Map.of("w", onDevices(2, 1, 4)), 1); // v = -1 - 0.5, w = -5.5
            assertEach(replicas, -5.5);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aMultiplierGoesByTheParametersName(boolean onStore) {
        List<INDArray> w = onDevices(2, 0, 4);
        List<INDArray> b = onDevices(2, 0, 4);
        try (Trainer trainer = Trainer.builder()
                .parameter("w", w)
                .parameter("b", b)
                .updateOnStore(onStore)
                .optimizer(PLAIN)
                .build()) {
            trainer.adjustOptimizer(now -> now.lrMult("b", 0.5));
            trainer.step(Map.of("w", onDevices(2, 1, 4), "b", onDevices(2, 1, 4)), 1);
        }
        assertEach(w, -2);
        assertEach(b, -1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStepOnlyReadsTheGradients(boolean onStore) {
        List<INDArray> gradients = List.of(filled(1, 3), filled(2, 3));
        try (Trainer trainer = trainer("device", onStore, PLAIN, onDevices(2, 0, 3))) {
            trainer.step(Map.of("w", gradients), 1);
        }
        assertEach(gradients.subList(0, 1), 1);
        assertEach(gradients.subList(1, 2), 2);
    }

    @Test
    void reducedGradientsCanBeChangedBeforeTheUpdate() {
        List<INDArray> replicas = onDevices(2, 0, 3);
        List<INDArray> gradients = List.of(filled(1, 3), filled(2, 3));
        try (Trainer trainer = trainer("device", false, PLAIN, replicas)) {
            trainer.allReduceGradients(Map.of("w", gradients));
            assertEach(gradients, 3);
            gradients.forEach(gradient -> gradient.muli(10));
            trainer.update(Map.of("w", gradients), 5);
        }
        assertEach(replicas, -6);
    }

    @Test
    void onOneDeviceWithoutStoreThereIsNothingToReduce() {
        INDArray gradient = filled(2, 3);
        try (Trainer trainer =
                Trainer.builder().parameter("w", filled(0, 3)).optimizer(PLAIN).build()) {
            trainer.allReduceGradients(Map.of("w", gradient));
        }
        assertEach(List.of(gradient), 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void replicasBeginWithTheFirstOnesValue(boolean onStore) {
        List<INDArray> replicas = List.of(filled(1, 3), filled(2, 3));
        try (Trainer trainer = trainer("local", onStore, PLAIN, replicas)) {
            trainer.initialise();
            trainer.initialise();
            assertEach(replicas, 1);
        }
    }

    @Test
    void aGivenStoreStaysOpenAndKeepsTheWeights() {
        try (KVStore kv = KVStore.create("device")) {
            try (Trainer trainer = Trainer.builder()
                    .parameter("w", onDevices(2, 0, 3))
                    .store(kv)
                    .optimizer(PLAIN)
                    .build()) {
                trainer.step(Map.of("w", onDevices(2, 1, 3)), 1);
                assertThat(trainer.store()).containsSame(kv);
            }
            assertEach(List.of(kv.pull("w")), -2);
        }
    }

    @Test
    void aStoreOfTheTrainersOwnEndsWithIt() {
        Trainer trainer = trainer("local", true, PLAIN, onDevices(2, 0, 3));
        KVStore own = trainer.store().orElseThrow();
        trainer.close();
        trainer.close();
        assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(KVStoreException.class, own::keys)
                        .reason())
                .isEqualTo(Reason.CLOSED);
    }

    /** Else sums of gradients would be applied to each other by what the store was used for before. */
    @Test
    void anOptimizerThatTheStoreHadBeforeIsReplaced() {
        try (KVStore kv = KVStore.create("local")) {
            kv.setOptimizer(MOMENTUM);
            List<INDArray> replicas = onDevices(2, 0, 3);
            try (Trainer trainer = Trainer.builder()
                    .parameter("w", replicas)
                    .store(kv)
                    .updateOnStore(false)
                    .optimizer(PLAIN)
                    .build()) {
                trainer.step(Map.of("w", onDevices(2, 1, 3)), 1);
                trainer.step(Map.of("w", onDevices(2, 1, 3)), 1);
            }
            assertEach(replicas, -4);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEmptyParameterIsNoObstacle(boolean onStore) {
        List<INDArray> w = onDevices(2, 0, 3);
        List<INDArray> none = List.of(Nd4j.empty(DataType.FLOAT), Nd4j.empty(DataType.FLOAT));
        try (Trainer trainer = Trainer.builder()
                .parameter("none", none)
                .parameter("w", w)
                .updateOnStore(onStore)
                .optimizer(MOMENTUM)
                .build()) {
            trainer.step(Map.of("w", onDevices(2, 1, 3), "none", none), 1);
        }
        assertEach(w, -2);
    }

    /** Each single step is too small for the 16-bit type. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sixteenBitWeightsHaveAMasterCopyHereAndThere(boolean onStore) {
        List<INDArray> replicas = halves(1);
        Optimizer optimizer =
                PLAIN.toBuilder().learningRate(0.0005).multiPrecision(true).build();
        try (Trainer trainer = trainer("local", onStore, optimizer, replicas)) {
            for (int step = 0; step < 125; step++) {
                trainer.step(Map.of("w", halves(1)), 1);
            }
        }
        replicas.forEach(replica -> assertThat(replica.getDouble(0)).isEqualTo(0.875));
    }

    private static List<INDArray> halves(double value) {
        return onDevices(2, value, 8).stream()
                .map(array -> array.castTo(DataType.BFLOAT16))
                .toList();
    }

    /** Its arrays are lent to the store, so it cannot leave them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStepOfAnInterruptedThreadIsCompletedAndTheInterruptKept(boolean onStore) {
        List<INDArray> replicas = onDevices(2, 0, 3);
        try (Trainer trainer = trainer("local", onStore, PLAIN, replicas)) {
            trainer.initialise();
            Thread.currentThread().interrupt();
            trainer.step(Map.of("w", onDevices(2, 1, 3)), 1);
            assertThat(Thread.interrupted()).isTrue();
        }
        assertEach(replicas, -2);
    }

    @Test
    void everyParameterHasARequestOfItsOwnTheFirstOnesBeforeOthers() {
        RecordingStore kv = new RecordingStore();
        Map<String, List<INDArray>> parameters = new LinkedHashMap<>();
        List.of("z", "a", "m").forEach(name -> parameters.put(name, onDevices(2, 0, 1)));
        try (Trainer trainer = Trainer.builder()
                .parameters(parameters)
                .store(kv)
                .optimizer(PLAIN)
                .build()) {
            trainer.step(parameters, 1);
        }
        assertThat(kv.requests)
                .containsExactly("broadcast [z, a, m]", "pushPull z 0", "pushPull a -1", "pushPull m -2");
    }

    /** Names its requests and does nothing. */
    private static final class RecordingStore extends KVStoreBase {
        private final List<String> requests = new ArrayList<>();

        @Override
        public String type() {
            return "recording";
        }

        @Override
        public void broadcast(List<?> keys, List<?> values, List<?> outs, int priority) {
            requests.add(
                    "broadcast " + keys.stream().map(key -> ((Key) key).name()).toList());
        }

        @Override
        public void pushPull(List<?> keys, List<?> values, List<?> outs, int priority) {
            keys.forEach(key -> requests.add("pushPull " + ((Key) key).name() + " " + priority));
        }
    }
}
