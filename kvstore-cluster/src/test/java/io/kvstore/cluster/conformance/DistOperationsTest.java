package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertEqual;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.AsyncKVStore;
import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.RowSparse;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.TestServers;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Operations, forms of arguments and kinds of values, by two workers over two servers. */
class DistOperationsTest {
    private static final int N = 2;

    private static TestServers servers;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, "");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static Workers workers() {
        return Workers.of(servers, "dist_sync", N, "");
    }

    private static <T> T within(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(40, TimeUnit.SECONDS).join();
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void valuesOfEveryTypeAreSummedInThatType(DType dtype) {
        DataType type = NdView.typeOf(dtype);
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init(List.of("w", "big"), List.of(filled(type, 1, S23), filled(type, 1, BIG)));
                assertThat(kv.info("w").orElseThrow().dtype()).isEqualTo(dtype);
                for (int round = 0; round < 2; round++) {
                    kv.push("w", filled(type, kv.rank() + 1, S23));
                    kv.push("big", filled(type, kv.rank() + 1, BIG));
                    assertThat(kv.pull("w").dataType()).isEqualTo(type);
                    assertFilled(kv.pull("w"), 3);
                    assertFilled(kv.pull("big"), 3);
                }
                INDArray cast = filled(DataType.DOUBLE, 0, S23);
                kv.pull("w", cast);
                assertFilled(cast, 3);
                return null;
            });
        }
    }

    @Test
    void arraysWithoutElementsAndScalarsAreValues() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                INDArray empty = Nd4j.create(DataType.FLOAT, 0, 3);
                kv.init(List.of("empty", "scalar"), List.of(empty, Nd4j.scalar(5f)));
                kv.push(List.of("empty", "scalar"), List.of(empty, Nd4j.scalar(kv.rank() + 1f)));
                assertThat(kv.pull("empty").length()).isZero();
                assertThat(kv.info("empty").orElseThrow().version()).isEqualTo(1);
                INDArray scalar = kv.pull("scalar");
                assertThat(scalar.rank()).isZero();
                assertThat(scalar.getFloat()).isEqualTo(3);
                return null;
            });
        }
    }

    @Test
    void viewsAreReadAndFilledInTheirOwnOrder() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                INDArray counted = Nd4j.arange(12).castTo(DataType.FLOAT).reshape(3, 4);
                kv.init("w", counted.transpose());
                assertEqual(kv.pull("w"), counted.transpose().dup('c'));
                kv.push("w", counted.transpose());
                INDArray table = filled(-1, 6, 8);
                INDArray out = table.get(NDArrayIndex.interval(0, 2, 6), NDArrayIndex.interval(0, 2, 8));
                kv.pull("w", out.transpose());
                assertEqual(out.dup('c'), counted.mul(2));
                assertThat(table.sumNumber().doubleValue()).isEqualTo(2 * 66 - 36);
                return null;
            });
        }
    }

    @Test
    void keysAreIntegersOrAnyText() {
        List<Object> integers = List.of(0, -7, 4_294_967_298L, Long.MIN_VALUE);
        List<Object> texts = List.of("7", "#1", "a/b", " ", "0_W", "größe", "€".repeat(Key.MAX_NAME_LENGTH));
        for (List<Object> keys : List.of(integers, texts)) {
            try (Workers workers = workers()) {
                workers.all(kv -> {
                    kv.init(
                            keys,
                            IntStream.range(0, keys.size())
                                    .mapToObj(i -> filled(i, S23))
                                    .toList());
                    kv.push(
                            keys,
                            IntStream.range(0, keys.size())
                                    .mapToObj(i -> filled(10 * i + kv.rank(), S23))
                                    .toList());
                    List<INDArray> pulled = kv.pull(keys);
                    for (int i = 0; i < keys.size(); i++) {
                        assertFilled(pulled.get(i), 20 * i + 1);
                    }
                    assertThat(kv.keys()).hasSize(keys.size());
                    return null;
                });
            }
        }
    }

    @Test
    void aThousandKeysTravelInOneCall() {
        int count = 1000;
        List<Integer> keys = IntStream.range(0, count).boxed().toList();
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init(keys, keys.stream().map(key -> filled(0, 16)).toList());
                for (int round = 1; round <= 3; round++) {
                    int part = round * (kv.rank() + 1);
                    kv.push(
                            keys,
                            keys.stream().map(key -> filled(key + part, 16)).toList());
                    List<INDArray> pulled = kv.pull(keys);
                    for (int key : keys) {
                        assertFilled(pulled.get(key), 2 * key + 3 * round);
                    }
                }
                return null;
            });
        }
    }

    @Test
    void broadcastGivesTheLowestRanksValueToAll() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                INDArray one = filled(-1, S23);
                kv.broadcast("one", filled(kv.rank() + 5, S23), one);
                assertFilled(one, 5);
                List<INDArray> several = List.of(filled(-1, BIG), filled(-1, BIG), filled(-1, BIG));
                kv.broadcast(
                        List.of("several", "other"),
                        List.of(filled(kv.rank() + 7, BIG), filled(kv.rank() + 9, S23)),
                        List.of(several, List.of(one)));
                several.forEach(out -> assertFilled(out, 7));
                assertFilled(one, 9);
                return null;
            });
        }
    }

    /** MXNet: tests/nightly/dist_device_sync_kvstore_custom.py. */
    @Test
    void K04_manyKeysAreBroadcastSmallAndBig() {
        try (Workers workers = Workers.of(servers, "dist_device_sync", N, "")) {
            workers.all(kv -> {
                for (int j = 0; j < 100; j++) {
                    long[] shape = j % 10 == 0 ? BIG : S23;
                    List<INDArray> outs = List.of(filled(-1, shape), filled(-1, shape));
                    kv.broadcast(List.of(j), List.of(filled(j, shape)), List.of(outs));
                    for (INDArray out : outs) {
                        assertFilled(out, j);
                    }
                }
                return null;
            });
        }
    }

    @Test
    void pushPullAnswersWithTheSumOfItsRound() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init(Map.of("w", filled(0, S23), "big", filled(0, BIG)));
                for (int round = 1; round <= 3; round++) {
                    INDArray in = filled(round * (kv.rank() + 1), S23);
                    kv.pushPull("w", in);
                    assertFilled(in, 3 * round);
                    INDArray gradient = filled(round, BIG);
                    List<INDArray> outs = List.of(filled(-1, BIG), filled(-1, BIG));
                    kv.pushPull(List.of("big"), List.of(List.of(gradient, gradient)), List.of(outs));
                    for (INDArray out : outs) {
                        assertFilled(out, 4 * round);
                    }
                    assertFilled(gradient, round);
                }
                return null;
            });
        }
    }

    @Test
    void aKeyThatOneWorkerDeletesIsGoneForAllAndMayBeMadeAnew() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                long before = 0;
                for (long[] shape : List.of(S23, BIG, new long[] {5}, BIG)) {
                    kv.init("w", filled(1, shape));
                    long generation = kv.info("w").orElseThrow().generation();
                    assertThat(generation).isGreaterThan(before);
                    before = generation;
                    kv.push("w", filled(kv.rank() + 1, shape));
                    assertFilled(kv.pull("w"), 3);
                    kv.barrier();
                    if (kv.rank() == 1) {
                        kv.delete("w");
                    }
                    kv.barrier();
                }
                assertThat(kv.info("w")).isEmpty();
                return null;
            });
        }
    }

    @Test
    void everyWorkerMayDeleteAKey() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                for (int life = 1; life <= 3; life++) {
                    kv.init("w", filled(life, BIG));
                    assertFilled(kv.pull("w"), life);
                    kv.barrier();
                    kv.delete("w");
                }
                return null;
            });
        }
    }

    @Test
    void anOptimizersStateEndsWithItsKey() {
        Optimizer momentum = Optimizer.sgd().learningRate(1).momentum(0.5).build();
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.setOptimizer(momentum);
                for (int life = 0; life < 2; life++) {
                    kv.init("w", filled(0, BIG));
                    kv.push("w", filled(1, BIG));
                    kv.push("w", filled(1, BIG));
                    assertFilled(kv.pull("w"), -2 - 3);
                    kv.barrier();
                    kv.delete("w");
                }
                return null;
            });
        }
    }

    @Test
    void storesOfOneClusterAreApartByTheirNames() {
        try (Workers one = Workers.named(servers, "apart-1", "dist_sync", N, "");
                Workers two = Workers.named(servers, "apart-2", "dist_async", N, "")) {
            one.all(kv -> {
                kv.init("w", filled(1, S23));
                return null;
            });
            two.all(kv -> {
                kv.setOptimizer(Optimizer.named("test").build());
                kv.init("w", filled(2, BIG));
                return null;
            });
            two.all(kv -> {
                kv.push("w", filled(10, BIG));
                kv.flush();
                kv.barrier();
                assertFilled(kv.pull("w"), 22);
                return null;
            });
            one.all(kv -> {
                assertFilled(kv.pull("w"), 1);
                assertThat(kv.optimizer()).isEmpty();
                kv.push("w", filled(kv.rank() + 1, S23));
                assertFilled(kv.pull("w"), 3);
                return null;
            });
            two.all(kv -> {
                assertFilled(kv.pull("w"), 22);
                return null;
            });
        }
    }

    @Test
    void storesOfOneActorSystemAreApartByTheirNames() {
        ActorSystem<Void> mine = ActorSystem.create(
                Behaviors.empty(), "mine", ClusterConfig.worker(Workers.config(servers, "unused", "me", 1, "")));
        try {
            useSeveralStores(mine);
            assertThat(mine.whenTerminated().isCompleted()).isFalse();
        } finally {
            mine.terminate();
        }
    }

    private static void useSeveralStores(ActorSystem<?> mine) {
        try (KVStore two = guest(mine, "guest-2").build()) {
            two.init(7, filled(2, BIG));
            try (KVStore one = guest(mine, "guest-1").build()) {
                one.init("w", filled(1, S23));
                one.push("w", filled(10, S23));
                two.push(7, filled(20, BIG));
                assertFilled(one.pull("w"), 10);
                assertFilled(two.pull(7), 20);
            }
            two.push(7, filled(30, BIG));
            assertFilled(two.pull(7), 30);
            KVStoreBuilder another = guest(mine, "guest-3").set("window-bytes", "1 MiB");
            assertThat(catchThrowableOfType(KVStoreException.class, another::build))
                    .hasMessageContainingAll("actor system 'mine'", "store-name");
        }
    }

    private static KVStoreBuilder guest(ActorSystem<?> system, String name) {
        return KVStore.builder().type("dist_sync").system(system).set("store-name", name);
    }

    @Test
    void stagesCompleteWithTheirRounds() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                AsyncKVStore async = kv.async();
                within(async.init(List.of("w", "big"), List.of(filled(0, S23), filled(0, BIG))));
                within(async.init(Key.of("rows"), filled(0, S23)));
                CompletionStage<Void> pushed = async.push(
                        List.of("w", "big"), List.of(filled(kv.rank() + 1, S23), filled(kv.rank() + 1, BIG)), 0);
                CompletionStage<List<INDArray>> pulled = async.pull(List.of("w", "big"));
                within(pulled).forEach(value -> assertFilled(value, 3));
                within(pushed);
                INDArray out = filled(-1, BIG);
                within(async.handingOver().pushPull(List.of("big"), List.of(filled(1, BIG)), List.of(out), 0));
                assertFilled(out, 2);
                within(async.flush());
                kv.barrier();
                within(async.delete(Key.of("rows")));
                kv.barrier();
                assertThat(kv.info("rows")).isEmpty();
                return null;
            });
        }
    }

    @Test
    void mapsOfParametersAreInitialisedPushedAndPulled() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                Map<String, INDArray> parameters = new LinkedHashMap<>();
                parameters.put("0_W", filled(kv.rank(), BIG));
                parameters.put("0_b", filled(kv.rank(), S23));
                kv.init(parameters);
                kv.push(Map.of("0_W", filled(1, BIG), "0_b", filled(2, S23)));
                kv.pull(parameters);
                assertFilled(parameters.get("0_W"), 2);
                assertFilled(parameters.get("0_b"), 4);
                return null;
            });
        }
    }

    @Test
    void rowsOfSeveralKeysAndListsOfIdsArePulledInOneCall() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                long[] wide = {9000, 40}; // two slices
                kv.init(
                        List.of("a", "b"),
                        List.of(RowSparse.fromDense(filled(1, S23)), RowSparse.fromDense(filled(1, wide))));
                kv.push(
                        List.of("a", "b"),
                        List.of(
                                Values.rows(S23, new long[] {1}, kv.rank() + 1),
                                Values.rows(wide, new long[] {0, 8999}, kv.rank() + 1)));
                List<RowSparse> rows = kv.rowSparsePull(
                        List.of("a", "b", "b"), List.of(new long[] {1, 0}, new long[] {8999, 0, 8999}, new long[0]));
                Values.assertRows(rows.get(0), new long[] {0, 1}, 0, 3);
                Values.assertRows(rows.get(1), new long[] {0, 8999}, 3, 3);
                assertThat(rows.get(2).ids()).isEmpty();
                assertEqual(kv.pull("a"), Nd4j.create(new float[][] {{0, 0, 0}, {3, 3, 3}}));
                assertThat(Tensor.copyOf(kv.pull("b")).length()).isEqualTo(9000 * 40);
                return null;
            });
        }
    }

    @Test
    void aStoreWithoutAnOptimizerAssignsAgain() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.setOptimizer(Optimizer.named("test").build());
                kv.init("w", filled(1, S23));
                kv.pushPull("w", filled(1, S23));
                kv.setUpdater(null);
                assertThat(kv.optimizer()).isEmpty();
                INDArray sum = filled(kv.rank() + 1, S23);
                kv.pushPull("w", sum);
                assertFilled(sum, 3);
                return null;
            });
        }
    }
}
