package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Reading;
import io.kvstore.actor.StoreActor;
import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Rows of keys on (simulated) GPUs: pulled by themselves, and summed there. */
class GpuRowsTest {
    private static final long SEED = 29;
    private static final Key KEY = Key.of("table");
    private static final List<String> ONE_GPU = List.of("gpu(0)");

    private enum Rule {
        ASSIGN(null),
        MOMENTUM(Optimizer.sgd().learningRate(0.3).momentum(0.9).build()),
        EAGER(Optimizer.sgd().learningRate(0.3).momentum(0.9).lazyUpdate(false).build()),
        ADAM(Optimizer.adam().learningRate(0.1).build());

        private final Optimizer optimizer;

        Rule(Optimizer optimizer) {
            this.optimizer = optimizer;
        }
    }

    private static KVStore open(SimulatedDriver driver) {
        return SimulatedStores.open(driver, KVStore.builder(), ONE_GPU);
    }

    private static long[] someIds(Random random, int rows, int most) {
        return random.longs(random.nextInt(most + 1), 0, rows).toArray();
    }

    private static RowSparse rows(Random random, DataType type, int rows, int rowLength) {
        long[] ids = RowSparseTensor.sortedUnique(someIds(random, rows, rows));
        if (ids.length == 0) {
            return RowSparse.zeros(type, rows, rowLength);
        }
        float[] values = new float[ids.length * rowLength];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextInt(7) == 0 ? -0f : random.nextInt(2001) / 16f - 60;
        }
        INDArray array = Nd4j.createFromArray(values).reshape(ids.length, rowLength);
        return RowSparse.of(new long[] {rows, rowLength}, ids, array.castTo(type));
    }

    @Test
    void onlyTheRowsThatAreAskedForComeToTheHost() {
        SimulatedDriver driver = SimulatedDriver.of(1, SEED);
        try (KVStore kv = open(driver)) {
            kv.init(KEY, RowSparse.fromDense(Nd4j.zeros(2000, 3)));
            kv.push(KEY, RowSparse.fromDense(Nd4j.ones(2000, 3)));
            kv.flush();
            long without = kv.stats().liveBytes();
            RowSparse pulled = kv.rowSparsePull(KEY, new long[] {1999, 0, 1999, 7});
            assertThat(pulled.ids()).containsExactly(0, 7, 1999);
            assertThat(pulled.rows()).isEqualTo(Nd4j.ones(3, 3));
            assertThat(kv.stats().liveBytes())
                    .as("bytes in use, where a copy of the table has 24000")
                    .isEqualTo(without);
            kv.pull(KEY);
            assertThat(kv.stats().liveBytes() - without)
                    .as("a copy of the table")
                    .isEqualTo(24_000);
            driver.gpu(0).failLaunches(0, 1); // no longer needed: the host has a copy
            assertThat(kv.rowSparsePull(KEY, new long[] {5}).rows()).isEqualTo(Nd4j.ones(1, 3));
        }
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void sumsAndPullsOfRowsHaveTheBitsOfAStoreOnTheHost(Rule rule) {
        Random random = new Random(SEED);
        List<DataType> types = rule == Rule.ASSIGN
                ? List.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.INT32, DataType.INT8)
                : List.of(DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16);
        for (DataType type : types) {
            for (int rowLength : new int[] {1, 33, 5000}) { // the last in several chunks
                int rows = rowLength == 5000 ? 6 : 40;
                SimulatedDriver driver = SimulatedDriver.of(1, SEED);
                try (KVStore gpu = open(driver);
                        KVStore host = KVStore.builder()
                                .type("device")
                                .devices("cpu(0)")
                                .build()) {
                    List<KVStore> both = List.of(gpu, host);
                    RowSparse first = rows(random, type, rows, rowLength);
                    both.forEach(kv -> kv.init(KEY, first));
                    if (rule.optimizer != null) {
                        both.forEach(kv -> kv.setOptimizer(rule.optimizer));
                    }
                    for (int count : new int[] {1, 2, 3, 10}) {
                        List<RowSparse> gradients = new ArrayList<>();
                        for (int d = 0; d < count; d++) {
                            gradients.add(rows(random, type, rows, rowLength));
                        }
                        both.forEach(kv -> kv.push(KEY, gradients));
                        long[] ids = someIds(random, rows, 6);
                        String what = count + " gradients of " + type + ", rows of " + rowLength + ", ids "
                                + Arrays.toString(ids) + ", seed " + SEED;
                        assertThat(gpu.rowSparsePull(KEY, ids).tensor())
                                .as(what)
                                .isEqualTo(host.rowSparsePull(KEY, ids).tensor());
                    }
                    assertThat(gpu.pull(KEY)).as("%s", type).isEqualTo(host.pull(KEY));
                }
            }
        }
    }

    @Test
    void rowPullsThatWaitSeeWhatWasPushedBeforeThemAndNothingLater() throws Exception {
        SimulatedDriver driver =
                SimulatedDriver.builder().seed(SEED).slow(Duration.ofMillis(1)).start();
        try (KVStore kv = open(driver)) {
            kv.setOptimizer(Optimizer.sgd().learningRate(1).build());
            kv.init(KEY, RowSparse.fromDense(Nd4j.zeros(50, 2)));
            List<CompletableFuture<RowSparse>> pulled = new ArrayList<>();
            List<CompletableFuture<INDArray>> whole = new ArrayList<>();
            for (int round = 0; round < 12; round++) {
                kv.async().push(KEY, RowSparse.fromDense(Nd4j.ones(50, 2)));
                pulled.add(kv.async().rowSparsePull(KEY, new long[] {round, 49}).toCompletableFuture());
                pulled.add(kv.async().rowSparsePull(KEY, new long[] {round}).toCompletableFuture());
                whole.add(kv.async().pull(KEY).toCompletableFuture());
            }
            for (int i = 0; i < pulled.size(); i++) {
                RowSparse rows = pulled.get(i).get(20, TimeUnit.SECONDS);
                assertThat(rows.ids()).containsExactly(i % 2 == 0 ? new long[] {i / 2, 49} : new long[] {i / 2});
                assertThat(rows.rows().ravel().toFloatVector()).containsOnly(-(i / 2 + 1));
                assertThat(whole.get(i / 2).get(20, TimeUnit.SECONDS).ravel().toFloatVector())
                        .containsOnly(-(i / 2 + 1));
            }
        }
    }

    @Test
    void readsOfAllKindsThatWaitForOneVersionEachGetTheirOwn() {
        SimulatedDriver driver = SimulatedDriver.of(1, SEED);
        ActorTestKit testKit = ActorTestKit.create();
        try (UsersArrays user = new UsersArrays(driver)) {
            KVStoreSettings settings = KVStore.builder().devices("gpu(0)").settings();
            ActorRef<StoreActor.Command> store = testKit.spawn(StoreActor.create("device", settings, driver));
            TestProbe<StoreActor.Found> found = testKit.createTestProbe();
            TestProbe<KeyReply> replies = testKit.createTestProbe();
            store.tell(new StoreActor.Find(KEY, found.ref()));
            ActorRef<KeyCommand> key = found.receiveMessage().ref();
            Shape shape = Shape.of(3);
            key.tell(new KeyCommand.Init(
                    RowSparseTensor.of(shape, new long[0], DenseTensor.of(new float[0])), replies.ref()));
            replies.expectMessageClass(KeyReply.Done.class);

            DeviceTensor one = user.put(0, -1, -1, -1);
            DeviceTensor other = user.put(0, -1, -1, -1);
            Reading first = new Reading(Origin.none(), 1);
            key.tell(new KeyCommand.PullRows(new long[] {2, 0}, first, 1, replies.ref()));
            key.tell(new KeyCommand.PullInto(List.of(one), first, 2, replies.ref()));
            key.tell(new KeyCommand.PullRows(new long[] {1}, first, 3, replies.ref()));
            key.tell(new KeyCommand.PullInto(List.of(other), first, 4, replies.ref()));
            key.tell(new KeyCommand.Pull(first, 5, replies.ref()));
            key.tell(new KeyCommand.Push(
                    List.of(DenseTensor.of(new float[] {1, 2, 3})), Origin.none(), 6, replies.ref()));

            Map<Long, KeyReply> byId = new HashMap<>();
            for (int i = 0; i < 6; i++) {
                KeyReply reply = replies.receiveMessage();
                byId.put(reply.id(), reply);
            }
            assertThat(byId.get(1L))
                    .isInstanceOfSatisfying(
                            KeyReply.Rows.class,
                            rows -> assertThat(rows.rows())
                                    .isEqualTo(RowSparseTensor.of(
                                            shape, new long[] {0, 2}, DenseTensor.of(new float[] {1, 3}))));
            assertThat(byId.get(3L))
                    .isInstanceOfSatisfying(
                            KeyReply.Rows.class,
                            rows -> assertThat(rows.rows())
                                    .isEqualTo(RowSparseTensor.of(
                                            shape, new long[] {1}, DenseTensor.of(new float[] {2}))));
            assertThat(byId.get(5L))
                    .isInstanceOfSatisfying(
                            KeyReply.Value.class,
                            value -> assertThat(value.value().floats()).containsExactly(1, 2, 3));
            assertThat(user.get(one)).containsExactly(1, 2, 3);
            assertThat(user.get(other)).containsExactly(1, 2, 3);
            testKit.stop(store, Duration.ofSeconds(20));
        } finally {
            testKit.shutdownTestKit();
        }
        driver.close();
        assertThat(driver.faults()).isEmpty();
        assertThat(driver.leaks()).isEmpty();
    }

    @Test
    void rowsThatCannotBePulledAreRefusedAndTheKeyGoesOn() {
        SimulatedDriver driver =
                SimulatedDriver.builder().memory(48 << 10).seed(SEED).start();
        try (KVStore kv = open(driver)) {
            kv.setOptimizer(Optimizer.sgd().learningRate(1).build());
            kv.init(KEY, RowSparse.fromDense(Nd4j.zeros(1000, 8)));
            kv.push(KEY, RowSparse.of(new long[] {1000, 8}, new long[] {3}, Nd4j.ones(1, 8)));
            assertThat(refused(Reason.OUT_OF_RANGE, () -> kv.rowSparsePull(KEY, new long[] {1000})))
                    .hasMessageContaining("[0, 1000), given 1000 at position 0");
            long[] all = new Random(SEED).longs(2000, 0, 1000).toArray();
            assertThat(refused(Reason.OUT_OF_MEMORY, () -> kv.rowSparsePull(KEY, all)))
                    .hasMessageContaining("key 'table'")
                    .hasMessageContaining("version 1 was kept, with all that was pushed before");
            driver.gpu(0).failLaunches(0, 1);
            assertThat(refused(Reason.DEVICE_FAILED, () -> kv.rowSparsePull(KEY, new long[] {3})))
                    .hasMessageContaining("a copy of version 1 from gpu(0)");
            assertThat(kv.rowSparsePull(KEY, new long[] {3}).rows())
                    .isEqualTo(Nd4j.ones(1, 8).neg());
        }
    }

    @Test
    void whereverAGpuIsLostEveryPullOfRowsEnds() {
        for (int operations = 0; operations < 40; operations++) {
            SimulatedDriver driver = SimulatedDriver.of(1, operations);
            try (KVStore kv = open(driver)) {
                kv.init(KEY, RowSparse.fromDense(Nd4j.zeros(100, 8)));
                driver.gpu(0).loseAfter(operations);
                RowSparse ones = RowSparse.fromDense(Nd4j.ones(100, 8));
                for (int round = 0; round < 3; round++) {
                    try {
                        kv.push(KEY, List.of(ones, ones));
                        RowSparse pulled = kv.rowSparsePull(KEY, new long[] {99, 1});
                        assertThat(pulled.rows())
                                .as("after %d operations", operations)
                                .isEqualTo(Nd4j.ones(2, 8).mul(2));
                    } catch (KVStoreException e) {
                        assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.DEVICE_LOST);
                    }
                }
                driver.gpu(0).lose();
                kv.delete(KEY);
            }
        }
    }

    @Test
    void aPushThatCountsSaysSoWhenItsValueCannotBeRead() {
        int counted = 0;
        for (int operations = 0; operations < 40; operations++) {
            SimulatedDriver driver = SimulatedDriver.of(1, operations);
            try (KVStore kv = open(driver)) {
                kv.init(KEY, Nd4j.zeros(10));
                driver.gpu(0).loseAfter(operations);
                KVStoreException refusal = catchThrowableOfType(
                        KVStoreException.class, () -> kv.pushPull(KEY, Nd4j.ones(10), Nd4j.zeros(10)));
                if (refusal == null) {
                    continue;
                }
                boolean counts = kv.info(KEY).orElseThrow().version() == 1;
                assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(Reason.DEVICE_LOST);
                assertThat(refusal.getMessage().contains("the push was carried out and counts, only the value could"))
                        .as("after %d operations: %s", operations, refusal.getMessage())
                        .isEqualTo(counts);
                assertThat(refusal).hasMessageContaining("key 'table'");
                counted += counts ? 1 : 0;
            }
        }
        assertThat(counted).as("pushes whose value was lost").isPositive();
    }

    private static KVStoreException refused(Reason reason, Runnable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call::run);
        assertThat(refusal).as("a refusal").isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }
}
