package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.assertEqual;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.Trainer;
import io.kvstore.TrainerBuilder;
import io.kvstore.cluster.TestServers;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Trainers of several workers over one store (MXNet: tests/nightly/dist_sync_kvstore.py, dist_async_kvstore.py). */
class TrainerTest {
    private static final long[] DENSE = {10, 1};
    private static final long[] ROWS = {2, 10};
    private static final long[] LARGE = {600, 500}; // two slices

    private static TestServers servers;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, "");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static TrainerBuilder trainer(KVStore kv, double rate) {
        return Trainer.builder()
                .store(kv)
                .optimizer(Optimizer.sgd().learningRate(rate).build());
    }

    private static KVStoreException refused(ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).isNotNull();
        return refusal;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void I09_oneStepAppliesTheGradientsOfAllWorkers(int n) {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                INDArray dense = filled(1, DENSE);
                INDArray large = filled(1, LARGE);
                try (Trainer trainer = trainer(kv, 1)
                        .parameter("dense", dense)
                        .parameter("rows", RowSparse.fromDense(filled(1, ROWS)))
                        .parameter("large", large)
                        .build()) {
                    double gradient = kv.rank() + 1;
                    trainer.step(
                            Map.of(
                                    "dense", filled(gradient, DENSE),
                                    "rows", RowSparse.fromDense(filled(gradient, ROWS)),
                                    "large", filled(gradient, LARGE)),
                            1);
                    double expected = 1 - n * (n + 1) / 2.0;
                    assertFilled(dense, expected);
                    assertFilled(large, expected);
                    Values.assertRows(trainer.rowSparseData("rows", 0, 1), new long[] {0, 1}, expected, expected);
                }
                return null;
            });
        }
    }

    @Test
    void I09_everyDeviceOfEveryWorkerCounts() {
        try (Workers workers = Workers.of(servers, "dist_device_sync", 2, "")) {
            workers.all(kv -> {
                List<INDArray> replicas = List.of(filled(1, DENSE), filled(1, DENSE));
                try (Trainer trainer = trainer(kv, 1).parameter("w", replicas).build()) {
                    double gradient = kv.rank() + 1;
                    trainer.step(Map.of("w", List.of(filled(gradient, DENSE), filled(gradient, DENSE))), 1);
                }
                replicas.forEach(replica -> assertFilled(replica, 1 - 2 * 3));
                return null;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"dist_sync", "dist_async"})
    void aTrainerThatComesLaterKeepsTheScaleThatAnotherHasSet(String type) {
        try (Workers workers = Workers.of(servers, type, 2, "")) {
            workers.all(kv -> {
                try (Trainer trainer =
                        trainer(kv, 1).parameter("w", filled(1, DENSE)).build()) {
                    if (kv.rank() == 0) {
                        trainer.initialise();
                        kv.adjustOptimizer(now -> now.rescaleGrad(0.25));
                        kv.barrier();
                    } else {
                        kv.barrier();
                        trainer.initialise();
                    }
                    kv.barrier();
                    assertThat(kv.optimizer().orElseThrow().rescaleGrad()).isEqualTo(0.25);
                }
                return null;
            });
        }
    }

    /** Weight and gradient dense (d) or row-sparse (s), and what was asked for; E09's column for distributed stores. */
    @ParameterizedTest
    @CsvSource({
        "d, d, , true",
        "d, d, true, true",
        "d, d, false, false",
        "d, s, , true",
        "d, s, true, true",
        "s, s, , true",
        "s, s, true, true"
    })
    void E09_I10_theOptimizerRunsWhereTheTableSays(
            String weight, String gradient, Boolean requested, boolean expected) {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                INDArray x = filled(0, DENSE);
                try (Trainer trainer =
                        inTable(kv, weight, gradient, requested, x).build()) {
                    Object ones = gradient.equals("s") ? RowSparse.fromDense(filled(1, DENSE)) : filled(1, DENSE);
                    trainer.step(Map.of("x", ones), 1);
                    assertThat(trainer.updatesOnStore()).isEqualTo(expected);
                    INDArray now = weight.equals("s")
                            ? trainer.rowSparseData("x", Values.allRows(10)).toDense()
                            : x;
                    assertFilled(now, -0.5f * 2);
                }
                return null;
            });
        }
    }

    @Test
    void E09_I10_rowSparseParametersOfManyWorkersAreUpdatedInTheStoreAlone() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                for (String weight : List.of("d", "s")) {
                    TrainerBuilder builder = inTable(kv, weight, "s", false, filled(0, DENSE));
                    KVStoreException refusal = refused(builder::build);
                    assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
                    assertThat(refusal).hasMessageContaining("updateOnStore(false) with row-sparse");
                }
                assertThat(kv.keys()).isEmpty();
                return null;
            });
        }
    }

    private static TrainerBuilder inTable(KVStore kv, String weight, String gradient, Boolean requested, INDArray x) {
        TrainerBuilder builder = trainer(kv, 0.5).parameter("x", weight.equals("s") ? RowSparse.fromDense(x) : x);
        if (gradient.equals("s") && weight.equals("d")) {
            builder.rowSparseGradient("x");
        }
        return requested == null ? builder : builder.updateOnStore(requested);
    }

    @Test
    void E10_I10_aDistributedStoreIsNotReset() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                INDArray x = filled(0, DENSE);
                try (Trainer trainer = trainer(kv, 0.5).parameter("x", x).build()) {
                    trainer.step(Map.of("x", filled(1, DENSE)), 1);
                    for (ThrowingCallable reset :
                            List.<ThrowingCallable>of(trainer::reset, () -> trainer.setData("x", filled(0, DENSE)))) {
                        KVStoreException refusal = refused(reset);
                        assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
                        assertThat(refusal).hasMessageContaining("a distributed store cannot be reset");
                    }
                    assertFilled(x, -1);
                    trainer.step(Map.of("x", filled(1, DENSE)), 1);
                    assertFilled(x, -2);
                }
                return null;
            });
        }
    }

    @Test
    void L01_anAsynchronousStoreMustUpdate() {
        try (Workers workers = Workers.of(servers, "dist_async", 2, "")) {
            workers.all(kv -> {
                INDArray x = filled(1, DENSE);
                KVStoreException refusal = refused(() ->
                        trainer(kv, 1).parameter("x", x).updateOnStore(false).build());
                assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
                assertThat(refusal).hasMessageContaining("updateOnStore(false)").hasMessageContaining("dist_async");
                try (Trainer asked =
                        trainer(kv, 1).parameter("x", x).updateOnStore(true).build()) {
                    assertThat(asked.updatesOnStore()).isTrue();
                }
                try (Trainer unasked = trainer(kv, 1).parameter("x", x).build()) {
                    assertThat(unasked.updatesOnStore()).isTrue();
                    unasked.initialise();
                    kv.barrier();
                    unasked.step(Map.of("x", filled(kv.rank() + 1, DENSE)), 1);
                    kv.barrier();
                    assertFilled(kv.pull("x"), 1 - (1 + 2));
                }
                return null;
            });
        }
    }

    private static final List<Optimizer> WITH_STATES = List.of(
            Optimizer.sgd().learningRate(0.1).momentum(0.9).wd(0.01).build(),
            Optimizer.adam().build());

    /** What the store does, and what each worker does with sums from the store: the same arithmetic in the same order. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void anOptimizerInTheStoreAndOneOnEveryWorkerGiveTheSameBits(int n) {
        for (Optimizer optimizer : WITH_STATES) {
            List<INDArray> reference = new ArrayList<>();
            for (boolean onStore : new boolean[] {true, false}) {
                try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
                    workers.all(kv -> trained(kv, optimizer, onStore)).forEach(reference::add);
                }
            }
            for (INDArray weight : reference) {
                assertEqual(weight, reference.get(0));
            }
        }
    }

    private static INDArray trained(KVStore kv, Optimizer optimizer, boolean onStore) {
        INDArray weight = filled(kv.rank() + 1, LARGE); // the first one's begins
        Random random = new Random(7 + kv.rank());
        try (Trainer trainer = Trainer.builder()
                .store(kv)
                .parameter("w", weight)
                .updateOnStore(onStore)
                .optimizer(optimizer)
                .build()) {
            for (int step = 0; step < 3; step++) {
                trainer.step(Map.of("w", random(random, LARGE)), 32);
            }
        }
        return weight;
    }

    private static INDArray random(Random random, long... shape) {
        float[] values = new float[(int) (shape[0] * shape[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return Nd4j.create(values, shape);
    }

    @Test
    void sumsOfAllWorkersMayBeChangedBeforeEachAppliesThem() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                INDArray weight = filled(0, DENSE);
                INDArray gradient = filled(kv.rank() + 1, DENSE);
                try (Trainer trainer = trainer(kv, 1)
                        .parameter("w", weight)
                        .updateOnStore(false)
                        .build()) {
                    trainer.allReduceGradients(Map.of("w", gradient));
                    assertFilled(gradient, 3);
                    trainer.update(Map.of("w", gradient.muli(2)), 1);
                }
                assertFilled(weight, -6);
                return null;
            });
        }
    }

    /** Two steps of rate 1, then half the rate, then a batch twice as large; the momentum goes on through it all. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anotherRateAndAnotherBatchSizeReachTheRunningOptimizerWhichKeepsItsState(boolean onStore) {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                INDArray weight = filled(0, DENSE);
                Optimizer momentum =
                        Optimizer.sgd().learningRate(1).momentum(0.5).build();
                try (Trainer trainer = Trainer.builder()
                        .store(kv)
                        .parameter("w", weight)
                        .updateOnStore(onStore)
                        .optimizer(momentum)
                        .build()) {
                    Map<String, INDArray> ones = Map.of("w", filled(1, DENSE));
                    trainer.step(ones, 1); // velocity -2
                    assertFilled(weight, -2);
                    trainer.setLearningRate(0.5);
                    trainer.step(ones, 1); // -1 - 1
                    assertFilled(weight, -4);
                    trainer.step(ones, 2); // -1 - 0.5
                    assertFilled(weight, -5.5);
                    assertThat(trainer.learningRate()).isEqualTo(0.5);
                }
                return null;
            });
        }
    }

    @Test
    void workersWithDifferentBatchSizesAreToldSoAndGoOnWithOne() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            List<Boolean> refused = workers.all(kv -> {
                Map<String, INDArray> ones = Map.of("w", filled(1, DENSE));
                try (Trainer trainer =
                        trainer(kv, 1).parameter("w", filled(0, DENSE)).build()) {
                    int batch = kv.rank() == 0 ? 2 : 4;
                    trainer.step(ones, batch);
                    kv.barrier(); // both know which of them came last
                    trainer.step(ones, batch);
                    KVStoreException refusal =
                            catchThrowableOfType(KVStoreException.class, () -> trainer.step(ones, batch));
                    if (refusal != null) {
                        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
                        assertThat(refusal)
                                .hasMessageContainingAll("rescale_grad " + 1.0 / batch, "has set " + batch / 8.0);
                        trainer.step(ones, 8 / batch);
                    }
                    trainer.step(ones, refusal == null ? batch : 8 / batch);
                    return refusal != null;
                }
            });
            assertThat(refused).containsExactlyInAnyOrder(true, false);
        }
    }

    /** On an asynchronous store workers are not in step; what one sets is not undone by another's next step. */
    @Test
    void aRateThatOneWorkerSetsHoldsForAll() {
        try (Workers workers = Workers.of(servers, "dist_async", 2, "")) {
            workers.all(kv -> {
                INDArray weight = filled(0, DENSE);
                try (Trainer trainer = trainer(kv, 1).parameter("w", weight).build()) {
                    trainer.initialise();
                    kv.barrier();
                    if (kv.rank() == 0) {
                        trainer.setLearningRate(0.25);
                    }
                    kv.barrier();
                    trainer.step(Map.of("w", filled(1, DENSE)), 1);
                    kv.barrier();
                    assertFilled(kv.pull("w"), -0.5);
                }
                return null;
            });
        }
    }

    @Test
    void gradientsTravelPackedWhereverTheOptimizerRuns() {
        for (boolean onStore : new boolean[] {true, false}) {
            try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
                workers.all(kv -> {
                    INDArray weight = filled(0, LARGE);
                    try (Trainer trainer = trainer(kv, 1)
                            .parameter("w", weight)
                            .updateOnStore(onStore)
                            .compression(GradientCompression.twoBit(0.5))
                            .build()) {
                        Map<String, INDArray> gradients = Map.of("w", filled(0.375, LARGE));
                        trainer.step(gradients, 1); // nothing goes, 0.375 is left
                        assertFilled(weight, 0);
                        trainer.step(gradients, 1); // 0.5 goes, 0.25 is left
                        assertFilled(weight, -1);
                        trainer.step(gradients, 1); // 0.5 goes again
                        assertFilled(weight, -2);
                    }
                    return null;
                });
            }
        }
    }

    /** Two steps, saved; two more; and the same two in another store that begins with what was saved. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void savedStatesGoOnInAnotherStoreWhereverTheOptimizerRuns(boolean savedOnStore, boolean loadedOnStore) {
        Path file = directory.resolve("trainer.states");
        INDArray saved = filled(0, LARGE);
        List<INDArray> expected;
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            expected = workers.all(kv -> {
                INDArray weight = filled(0, LARGE);
                try (Trainer trainer = momentum(kv, weight, savedOnStore)) {
                    steps(trainer, kv.rank(), 0);
                    if (kv.rank() == 0) {
                        trainer.saveStates(file);
                        saved.assign(weight);
                    }
                    kv.barrier();
                    steps(trainer, kv.rank(), 1);
                }
                return weight;
            });
        }
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            List<INDArray> again = workers.all(kv -> {
                INDArray weight = saved.dup();
                try (Trainer trainer = momentum(kv, weight, loadedOnStore)) {
                    trainer.loadStates(file);
                    steps(trainer, kv.rank(), 1);
                }
                return weight;
            });
            again.forEach(weight -> assertEqual(weight, expected.get(0)));
        }
        assertEqual(expected.get(1), expected.get(0));
    }

    private static Trainer momentum(KVStore kv, INDArray weight, boolean onStore) {
        return Trainer.builder()
                .store(kv)
                .parameter("w", weight)
                .updateOnStore(onStore)
                .optimizer(WITH_STATES.get(0))
                .build();
    }

    private static void steps(Trainer trainer, int rank, int part) {
        Random random = new Random(10L * part + rank);
        for (int step = 0; step < 2; step++) {
            trainer.step(Map.of("w", random(random, LARGE)), 16);
        }
    }

    @Test
    void aStepThatWaitsForAWorkerIsExplainedAndEndsWithPatience() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "kvstore.patience = 10 s")) {
            List<Trainer> trainers = new ArrayList<>();
            List<INDArray> weights = List.of(filled(0, LARGE), filled(0, LARGE));
            for (int i = 0; i < 2; i++) {
                trainers.add(trainer(workers.store(i), 1)
                        .parameter("w", weights.get(i))
                        .build());
            }
            workers.all(kv -> {
                trainers.get(kv.rank()).initialise();
                return null;
            });
            Map<String, INDArray> ones = Map.of("w", filled(1, LARGE));
            KVStoreException timeout = refused(() -> Workers.get(workers.start(0, kv -> {
                trainers.get(0).step(ones, 1);
                return null;
            })));
            assertThat(timeout).isInstanceOf(KVStoreTimeoutException.class);
            assertThat(timeout).hasMessageContainingAll("kvstore.patience", "pushPull of key 'w'", "worker-1");
            assertFilled(weights.get(0), 0);

            Workers.get(workers.start(
                    1,
                    kv -> { // the other's gradient has counted
                        trainers.get(1).step(ones, 1);
                        return null;
                    }));
            assertFilled(weights.get(1), -2);
            List<Future<Void>> steps = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int worker = i;
                steps.add(workers.start(i, kv -> {
                    trainers.get(worker).step(ones, 1);
                    return null;
                }));
            }
            steps.forEach(Workers::get);
            weights.forEach(weight -> assertFilled(weight, -4));
        }
    }
}
