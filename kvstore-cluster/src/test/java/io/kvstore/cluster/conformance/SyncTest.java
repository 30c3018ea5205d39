package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.RowSparse;
import io.kvstore.cluster.TestServers;
import io.kvstore.optimizer.Optimizer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Synchronous rounds (MXNet: tests/nightly/dist_sync_kvstore.py). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SyncTest {
    private static final int RATE = 2;
    private static final int ROUNDS = 7;

    private TestServers servers;

    int servers() {
        return 3;
    }

    @BeforeAll
    void start() {
        servers = TestServers.start(servers(), "");
    }

    @AfterAll
    void stop() {
        servers.close();
    }

    private static Optimizer test(boolean multiPrecision) {
        return Optimizer.named("test")
                .rescaleGrad(RATE)
                .set("multi_precision", multiPrecision)
                .build();
    }

    @ParameterizedTest
    @CsvSource({"2,FLOAT,false", "3,HALF,true", "7,FLOAT,false", "3,HALF,false"})
    void I01_everyRoundAddsWhatAllWorkersPush(int n, DataType type, boolean multiPrecision) {
        List<String> keys = List.of("3", "5", "7", "99");
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setOptimizer(test(multiPrecision));
                for (String key : keys) {
                    kv.init(key, filled(type, 1, shape(key)));
                }
                for (int i = 0; i < ROUNDS; i++) {
                    for (String key : keys) {
                        kv.push(key, filled(type, kv.rank() + 1, shape(key)));
                        assertFilled(kv.pull(key), n * (n + 1) / 2 * RATE * (i + 1) + 1);
                    }
                }
                return null;
            });
        }
    }

    private static long[] shape(String key) {
        return key.equals("99") ? BIG : S23;
    }

    @ParameterizedTest
    @CsvSource({"2,FLOAT", "3,HALF", "7,FLOAT"})
    void I02_rowsAddWhatTheWorkersThatTouchThemPush(int n, DataType type) {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setOptimizer(test(false));
                kv.init("9", RowSparse.fromDense(filled(type, 1, S23)));
                Random random = new Random(kv.rank());
                for (int i = 0; i < ROUNDS; i++) {
                    kv.push("9", Values.rows(type, S23, new long[] {kv.rank() % 2}, kv.rank() + 1));
                    long[] ids = random.longs(3, 0, 2).toArray();
                    long[] unique = Arrays.stream(ids).distinct().sorted().toArray();
                    int round = i + 1;
                    double[] expected = Arrays.stream(unique)
                            .mapToDouble(row -> 1 + round * RATE * sumOfRanks(n, row))
                            .toArray();
                    Values.assertRows(kv.rowSparsePull("9", ids), unique, expected);
                }
                return null;
            });
        }
    }

    private static int sumOfRanks(int n, long row) {
        return IntStream.range(0, n).filter(q -> q % 2 == row).map(q -> q + 1).sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void I04_rowsOfALargeTableAddWhatTheWorkersThatTouchThemPush(int n) {
        long[] idx = chosenRows();
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setOptimizer(test(false));
                kv.init("100", RowSparse.fromDense(filled(1, BIG)));
                int step = 2 * (kv.rank() + 1);
                long[] mine = IntStream.range(0, idx.length)
                        .filter(i -> i % step == 0)
                        .mapToLong(i -> idx[i])
                        .toArray();
                Random random = new Random(kv.rank());
                for (int i = 1; i <= ROUNDS; i++) {
                    kv.push("100", Values.rows(BIG, mine, kv.rank() + 1));
                    long[] ids = random.longs(1200, 0, BIG[0]).toArray();
                    long[] unique = Arrays.stream(ids).distinct().sorted().toArray();
                    int rounds = i;
                    double[] expected = Arrays.stream(unique)
                            .mapToDouble(row -> 1 + rounds * RATE * pushedTo(Arrays.binarySearch(idx, row), n))
                            .toArray();
                    Values.assertRows(kv.rowSparsePull("100", ids), unique, expected);
                }
                return null;
            });
        }
    }

    private static long[] chosenRows() {
        Random random = new Random(123);
        return IntStream.range(0, (int) BIG[0])
                .filter(row -> random.nextDouble() < 0.3)
                .mapToLong(row -> row)
                .toArray();
    }

    private static int pushedTo(int position, int n) {
        return position < 0
                ? 0
                : IntStream.range(0, n)
                        .filter(q -> position % (2 * (q + 1)) == 0)
                        .map(q -> q + 1)
                        .sum();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void I06_theLowestRankGivesTheValue(int n) {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.init(List.of("small", "big"), List.of(filled(kv.rank() + 5, S23), filled(kv.rank() + 7, BIG)));
                assertFilled(kv.pull("small"), 5);
                assertFilled(kv.pull("big"), 7);
                return null;
            });
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void I07_withoutAnOptimizerTheSumIsAssigned(int n) {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.init(List.of("w", "big"), List.of(filled(1, S23), filled(1, BIG)));
                for (int i = 0; i < 2; i++) {
                    kv.push("w", filled(kv.rank() + 1, S23));
                    kv.push("big", filled(kv.rank() + 1, BIG));
                    assertFilled(kv.pull("w"), n * (n + 1) / 2);
                    assertFilled(kv.pull("big"), n * (n + 1) / 2);
                }
                return null;
            });
        }
    }

    @Test
    void M06_theSumReplacesTheValueWhateverItWas() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                kv.init("w", filled(1000, S23));
                for (int round = 1; round <= 3; round++) {
                    kv.push("w", filled(round * (kv.rank() + 1), S23));
                    assertFilled(kv.pull("w"), round * 3);
                }
                return null;
            });
        }
    }

    @Test
    void I12_aPullAfterAPushWaitsForTheOthersAndOneWithoutDoesNot() throws Exception {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                kv.init("w", filled(1, S23));
                return null;
            });
            CountDownLatch read = new CountDownLatch(1);
            Future<INDArray> first = workers.start(0, kv -> {
                kv.push("w", filled(1, S23));
                read.countDown();
                return kv.pull("w");
            });
            assertThat(read.await(30, TimeUnit.SECONDS)).isTrue();
            INDArray before = Workers.get(workers.start(1, kv -> kv.pull("w")));
            assertFilled(before, 1);
            assertThat(first.isDone()).isFalse();
            Workers.get(workers.start(1, kv -> {
                kv.push("w", filled(2, S23));
                return null;
            }));
            assertFilled(Workers.get(first), 3);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 7})
    void I13_ranksAreDistinctAndAllKnowHowManyTheyAre(int n) {
        try (Workers workers = Workers.of(servers, "dist", n, "")) {
            assertThat(workers.all(kv -> kv.rank()))
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, n).boxed().toList());
            assertThat(workers.all(kv -> kv.numWorkers())).containsOnly(n);
            assertThat(workers.all(kv -> kv.type())).containsOnly("dist");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 7})
    void I14_nobodyPassesABarrierBeforeAllHaveEnteredIt(int n) {
        AtomicInteger entered = new AtomicInteger();
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                for (int k = 1; k <= 5; k++) {
                    entered.incrementAndGet();
                    kv.barrier();
                    assertThat(entered.get()).isGreaterThanOrEqualTo(k * n);
                }
                return null;
            });
        }
    }

    @Test
    void L10_pushesAreCountedByWorkerNotByArrival() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            List<INDArray> pulled = workers.all(kv -> {
                kv.init("w", filled(0, S23));
                kv.setOptimizer(test(false));
                kv.barrier();
                if (kv.rank() == 0) { // twice before the other comes
                    kv.push("w", filled(1, S23));
                    kv.push("w", filled(10, S23));
                    kv.barrier();
                } else {
                    kv.barrier();
                    kv.push("w", filled(100, S23));
                    kv.push("w", filled(1000, S23));
                }
                return kv.pull("w");
            });
            pulled.forEach(value -> assertFilled(value, RATE * 1111));
        }
    }

    @Test
    void M08_theSameOptimizerSetByEveryWorkerKeepsItsState() {
        Optimizer momentum = Optimizer.sgd().learningRate(1).momentum(0.5).build();
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                kv.setOptimizer(momentum);
                kv.init("w", filled(0, S23));
                kv.push("w", filled(1, S23));
                kv.pull("w");
                kv.setOptimizer(Optimizer.fromJson(momentum.toJson()));
                kv.barrier();
                kv.push("w", filled(1, S23));
                assertFilled(kv.pull("w"), -2 - (2 + 0.5 * 2));
                return null;
            });
        }
    }

    @Test
    void M15_aStoreWithOpenPushesClosesInTime() {
        long start = System.nanoTime();
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "kvstore.close-timeout = 2 s")) {
            workers.all(kv -> {
                kv.init("w", filled(0, S23));
                return null;
            });
            Workers.get(workers.start(0, kv -> {
                kv.setBarrierBeforeExit(false);
                kv.push("w", filled(1, S23)); // the other never pushes
                assertThatThrownBy(kv::close).hasMessageContaining("the store was closed");
                return null;
            }));
        }
        assertThat(System.nanoTime() - start).isLessThan(TimeUnit.SECONDS.toNanos(40));
    }

    @Test
    void M01_M02_M04_slicesAreCutByElementsAndOneMoreMakesAnother() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                long[] sizes = {1, 262_144, 262_145, 524_288, 600_001};
                for (int i = 0; i < sizes.length; i++) {
                    kv.init(i, filled(i, sizes[i]));
                    INDArray gradient = filled(0, sizes[i]);
                    for (long k = 0; k < sizes[i]; k += 1000) {
                        gradient.putScalar(k, k);
                    }
                    kv.push(i, gradient);
                    Values.assertEqual(kv.pull(i), gradient.add(gradient));
                }
                return null;
            });
        }
    }
}
