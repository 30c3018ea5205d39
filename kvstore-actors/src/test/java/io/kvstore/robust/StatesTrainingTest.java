package io.kvstore.robust;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.RowSparse;
import io.kvstore.files.StatesEntry;
import io.kvstore.files.StatesReader;
import io.kvstore.optimizer.FactorSchedule;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.Warmup;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Saved states are all that training needs to go on as if it had never stopped. */
class StatesTrainingTest {
    private static final List<String> KEYS = List.of("w", "b", "embedding");
    private static final long[][] SHAPES = {{3, 4}, {}, {70, 5}};

    private static ActorSystem<Void> system;

    @TempDir
    private Path directory;

    @BeforeAll
    static void startOneSystemForAllStores() {
        system = ActorSystem.create(Behaviors.empty(), "states-training");
    }

    @AfterAll
    static void endIt() {
        system.terminate();
        Support.within(system.getWhenTerminated());
    }

    static Stream<Arguments> trainings() {
        List<Arguments> all = new ArrayList<>();
        for (String type : List.of("local", "device")) {
            for (String rule : List.of(
                    "adadelta",
                    "adagrad",
                    "adam",
                    "adamax",
                    "adamw",
                    "dcasgd",
                    "ftml",
                    "ftrl",
                    "lamb",
                    "lars",
                    "nadam",
                    "nag",
                    "rmsprop",
                    "sgd",
                    "sgld",
                    "signum",
                    "test",
                    "halving")) {
                all.add(Arguments.of(type, Optimizer.of(rule, Map.of()), DataType.FLOAT));
            }
            Optimizer momentum = Optimizer.sgd().learningRate(0.1).momentum(0.9).build();
            Optimizer adam = Optimizer.adam().learningRate(0.1).build();
            for (DataType dtype : List.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16)) {
                for (Optimizer each : List.of(momentum, adam)) {
                    all.add(Arguments.of(type, each, dtype));
                    all.add(Arguments.of(
                            type, each.toBuilder().multiPrecision(true).build(), dtype));
                }
            }
            all.add(Arguments.of(
                    type,
                    adam.toBuilder()
                            .schedule(new FactorSchedule(3, 0.5, 1e-8, Warmup.NONE))
                            .lrMult("b", 2)
                            .wdMult("w", 3)
                            .wd(0.01)
                            .build(),
                    DataType.FLOAT));
            all.add(Arguments.of(type, Optimizer.of("rmsprop", Map.of("centered", true)), DataType.FLOAT));
        }
        return all.stream();
    }

    @ParameterizedTest(name = "{0}: {1}, {2}")
    @MethodSource("trainings")
    void trainingGoesOnBitForBitInAnotherStore(String type, Optimizer optimizer, DataType dtype) {
        for (boolean dump : new boolean[] {false, true}) {
            Path file = directory.resolve("states");
            List<DenseTensor> half;
            List<DenseTensor> whole;
            try (KVStore kv = open(type, optimizer)) {
                init(kv, random(1, dtype));
                train(kv, dtype, 1, 5);
                kv.saveOptimizerStates(file, dump);
                half = values(kv);
                train(kv, dtype, 6, 10);
                whole = values(kv);
            }
            try (KVStore kv = open(type, dump ? Optimizer.sgd().build() : optimizer)) {
                init(kv, half.stream().map(DenseTensor::toINDArray).toList());
                kv.loadOptimizerStates(file);
                assertThat(values(kv)).as("values are not loaded").isEqualTo(half);
                train(kv, dtype, 6, 10);
                assertThat(values(kv)).isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void lazyTrainingOfARowSparseKeyGoesOnBitForBit(String type) {
        Path file = directory.resolve("states");
        Optimizer adam = Optimizer.adam().learningRate(0.1).build();
        long[] shape = {5, 2};
        RowSparse first = RowSparse.of(shape, new long[] {1, 3}, new float[][] {{1, 2}, {3, 4}});
        RowSparse second = RowSparse.of(shape, new long[] {0, 3}, new float[][] {{-1, 2}, {5, -4}});
        long[] all = {0, 1, 2, 3, 4};
        try (KVStore kv = open(type, adam);
                KVStore other = open(type, adam)) {
            kv.init(List.of("w"), List.of(RowSparse.fromDense(Nd4j.ones(5, 2))));
            kv.push(List.of("w"), List.of(first));
            kv.saveOptimizerStates(file);
            other.init(List.of("w"), List.of(kv.rowSparsePull(Key.of("w"), all)));
            other.loadOptimizerStates(file);
            for (KVStore each : List.of(kv, other)) {
                each.push(List.of("w"), List.of(second));
                each.push(List.of("w"), List.of(first));
            }
            assertThat(Tensor.copyOf(other.rowSparsePull(Key.of("w"), all).toDense()))
                    .isEqualTo(Tensor.copyOf(kv.rowSparsePull(Key.of("w"), all).toDense()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void withoutTheFileTrainingWouldGoElsewhere(String type) {
        Optimizer momentum = Optimizer.sgd().learningRate(0.1).momentum(0.9).build();
        try (KVStore kv = open(type, momentum);
                KVStore fresh = open(type, momentum)) {
            init(kv, random(1, DataType.FLOAT));
            train(kv, DataType.FLOAT, 1, 5);
            init(fresh, values(kv).stream().map(DenseTensor::toINDArray).toList());
            train(kv, DataType.FLOAT, 6, 10);
            train(fresh, DataType.FLOAT, 6, 10);
            assertThat(values(fresh)).isNotEqualTo(values(kv));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void settingsInForceStayUnlessTheFileHasItsOwn(String type) {
        Path file = directory.resolve("states");
        Optimizer slow = Optimizer.sgd().learningRate(1).momentum(0.5).build();
        Optimizer fast = slow.toBuilder().learningRate(2).build();
        for (boolean dump : new boolean[] {false, true}) {
            try (KVStore kv = open(type, slow)) {
                kv.init("w", Nd4j.zeros(1));
                kv.push("w", Nd4j.ones(1));
                kv.saveOptimizerStates(file, dump);
                kv.setOptimizer(fast);
                kv.push("w", Nd4j.ones(1));
                kv.loadOptimizerStates(file);
                float before = kv.pull("w").getFloat(0);
                kv.push("w", Nd4j.ones(1));
                assertThat(kv.pull("w").getFloat(0) - before).isEqualTo(-0.5f - (dump ? 1 : 2));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aKeyThatTheFileDoesNotHaveStartsAfresh(String type) {
        Path file = directory.resolve("states");
        try (KVStore kv =
                open(type, Optimizer.sgd().learningRate(1).momentum(0.5).build())) {
            kv.init("w", Nd4j.zeros(1));
            kv.push("w", Nd4j.ones(1));
            kv.saveOptimizerStates(file);
            kv.init("later", Nd4j.zeros(1));
            kv.push("later", Nd4j.ones(1));
            kv.push("w", Nd4j.ones(1));
            kv.loadOptimizerStates(file);
            kv.push(List.of("w", "later"), List.of(Nd4j.zeros(1), Nd4j.zeros(1)));
            assertThat(kv.pull("w").getFloat(0)).isEqualTo(-1 - 1.5f - 0.5f);
            assertThat(kv.pull("later").getFloat(0)).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStoreWithoutKeysIsSavedAndLoaded(String type) {
        Path file = directory.resolve("states");
        try (KVStore kv = open(type, Optimizer.adam().build())) {
            kv.saveOptimizerStates(file, true);
            kv.loadOptimizerStates(file);
            kv.init("w", Nd4j.zeros(1));
            kv.loadOptimizerStates(file);
            kv.push("w", Nd4j.ones(1));
            assertThat(kv.pull("w").getFloat(0)).isNegative();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void loadedStatesAreHeldOnceAndChangedInPlace(String type) {
        Path file = directory.resolve("states");
        try (KVStore kv = open(type, Optimizer.adam().build())) {
            kv.init("w", Nd4j.zeros(1000));
            kv.push("w", Nd4j.ones(1000));
            long live = live(kv);
            assertThat(live).as("value and two states").isEqualTo(3 * 4000);
            for (int round = 0; round < 3; round++) {
                kv.saveOptimizerStates(file, true);
                assertThat(live(kv)).isEqualTo(live);
                kv.loadOptimizerStates(file);
                assertThat(live(kv)).isEqualTo(live);
                kv.push("w", Nd4j.ones(1000));
                assertThat(live(kv)).isEqualTo(live);
            }
        }
    }

    /** AdaGrad's history of gradients of 1 is the number of updates: a torn snapshot would show. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void whatIsSavedAndLoadedWhileOthersPushIsOfOneMomentForEachKey(String type) throws Exception {
        Path file = directory.resolve("states");
        try (KVStore kv = open(type, Optimizer.named("adagrad").build())) {
            List<Key> keys = List.of(Key.of("a"), Key.of("b"), Key.of("c"));
            keys.forEach(key -> kv.init(key, Nd4j.zeros(5000)));
            AtomicBoolean stop = new AtomicBoolean();
            CompletableFuture<Void> pushes = CompletableFuture.runAsync(() -> {
                INDArray ones = Nd4j.ones(5000);
                while (!stop.get()) {
                    keys.forEach(key -> kv.push(key, ones));
                }
            });
            for (int round = 0; round < 20; round++) {
                kv.saveOptimizerStates(file, round % 2 == 0);
                assertHistoriesCountUpdates(file);
                kv.loadOptimizerStates(file);
            }
            stop.set(true);
            Support.within(pushes);
            kv.saveOptimizerStates(file);
            assertHistoriesCountUpdates(file);
        }
    }

    private static void assertHistoriesCountUpdates(Path file) {
        BufferPool pool = new BufferPool(1 << 20);
        try (StatesReader reader = StatesReader.open(file)) {
            for (int i = 0; i < reader.head().keys(); i++) {
                StatesEntry entry = reader.entry();
                for (DenseTensor history : reader.states(entry, pool)) {
                    float[] expected = new float[5000];
                    Arrays.fill(expected, entry.updates());
                    assertThat(history.floats()).isEqualTo(expected);
                }
            }
        }
    }

    private static KVStore open(String type, Optimizer optimizer) {
        KVStore kv = KVStore.builder().type(type).system(system).devices(2).build();
        kv.setOptimizer(optimizer);
        return kv;
    }

    private static long live(KVStore kv) {
        kv.flush();
        return kv.stats().liveBytes();
    }

    private static void init(KVStore kv, List<INDArray> values) {
        kv.init(KEYS, values);
    }

    /** Pushes one gradient per key and step, the steps' own. */
    private static void train(KVStore kv, DataType dtype, int from, int to) {
        for (int step = from; step <= to; step++) {
            kv.push(KEYS, random(100 + step, dtype));
        }
    }

    private static List<DenseTensor> values(KVStore kv) {
        return kv.pull(KEYS).stream().map(Tensor::copyOf).toList();
    }

    private static List<INDArray> random(long seed, DataType dtype) {
        Random random = new Random(seed);
        return Stream.of(SHAPES)
                .map(shape -> {
                    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) random.nextGaussian();
                    }
                    return Nd4j.create(values, shape).castTo(dtype);
                })
                .toList();
    }
}
