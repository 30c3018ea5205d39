package io.kvstore.robust;

import static io.kvstore.robust.Support.await;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.until;
import static io.kvstore.robust.Support.version;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Row-sparse calls that wait, fail later, run as stages, or come from a store's own thread. */
class RowSparseCallsTest {
    private static final long[] SHAPE = {100, 32};

    /** One row: 128 bytes and the 8 of its id. */
    private static RowSparse row(long id, double value) {
        return RowSparse.of(SHAPE, new long[] {id}, Nd4j.valueArrayOf(new long[] {1, 32}, value, DataType.FLOAT));
    }

    private static KVStore open(String type, Consumer<KVStoreBuilder> settings) {
        KVStoreBuilder builder = KVStore.builder().type(type).devices(2);
        settings.accept(builder);
        KVStore kv = builder.build();
        kv.init("rows", RowSparse.zeros(DataType.FLOAT, SHAPE));
        return kv;
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void stagesDoWhatTheCallsDo(String type) {
        try (KVStore kv = open(type, settings -> {})) {
            within(kv.async().init(Map.of("new", row(4, 2), "dense", filled(1, 100, 32))));
            within(kv.async().push("rows", row(5, 3)));
            within(kv.async().push("new", List.of(row(5, 3), row(4, 1), row(5, 4))));
            INDArray out = filled(0, SHAPE);
            within(kv.async().pushPull("dense", row(6, 7), out));
            assertThat(Tensor.copyOf(out)).isEqualTo(row(6, 7).tensor().toDense());
            assertThat(within(kv.async().rowSparsePull("rows", new long[] {5}))).isEqualTo(row(5, 3));
            assertThat(within(kv.async().rowSparsePull("rows", new int[] {5}))).isEqualTo(row(5, 3));
            assertThat(within(kv.async().rowSparsePull("rows", Nd4j.createFromArray(5, 5))))
                    .isEqualTo(row(5, 3));
            assertThat(within(kv.async().rowSparsePull("new", List.of(new long[] {5}, new int[] {4}))))
                    .containsExactly(row(5, 7), row(4, 1));
            assertThat(within(kv.async().rowSparsePull(List.of("rows", "new"), List.of(new long[] {5}))))
                    .containsExactly(row(5, 3), row(5, 7));
            refused(Reason.OUT_OF_RANGE, () -> kv.async().rowSparsePull("rows", new long[] {100}));
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeIsKeptPushedAndPulled(DType dtype) {
        DataType type = NdView.typeOf(dtype);
        INDArray dense = Nd4j.createFromArray(new float[][] {{1, 2}, {0, 0}, {3, 4}, {0, 0}})
                .castTo(type);
        RowSparse rows = RowSparse.fromDense(dense);
        try (KVStore kv = KVStore.create()) {
            kv.init(List.of("rows", "dense"), List.of(rows, dense));
            kv.push(List.of("rows", "dense"), List.of(List.of(rows, rows, rows), List.of(rows, dense, rows)));
            INDArray tripled = dense.mul(3).castTo(type);
            assertThat(Tensor.copyOf(kv.pull("rows"))).isEqualTo(Tensor.copyOf(tripled));
            assertThat(Tensor.copyOf(kv.pull("dense"))).isEqualTo(Tensor.copyOf(tripled));
            assertThat(kv.rowSparsePull("rows", new long[] {2, 0})).isEqualTo(RowSparse.fromDense(tripled));
            assertThat(kv.rowSparsePull("rows", new long[] {1}).dtype()).isEqualTo(dtype);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"BYTE", "UBYTE", "INT", "LONG"})
    void idsAreOfAnyIntegerTypeAndShapeAndMayBeViews(DataType type) {
        try (KVStore kv = open("local", settings -> {})) {
            kv.push("rows", List.of(row(3, 1), row(90, 2)));
            INDArray ids =
                    Nd4j.createFromArray(new int[][] {{3, 90, 3}, {90, 3, 90}}).castTo(type);
            assertThat(kv.rowSparsePull("rows", ids).ids()).containsExactly(3, 90);
            assertThat(kv.rowSparsePull("rows", ids.transpose()).ids()).containsExactly(3, 90);
            assertThat(kv.rowSparsePull("rows", ids.getColumn(1)).ids()).containsExactly(3, 90);
            assertThat(kv.rowSparsePull("rows", ids.getScalar(0, 1))).isEqualTo(row(90, 2));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void broadcastMakesARowSparseKeyAndFillsDenseOutputs(String type) {
        try (KVStore kv = open(type, settings -> {})) {
            INDArray out = filled(0, SHAPE);
            INDArray other = filled(0, SHAPE);
            kv.broadcast("new", row(7, 2), out);
            kv.broadcast(List.of("newer"), List.of(row(8, 2)), List.of(List.of(row(1, 1), other)));
            assertThat(out).isEqualTo(row(7, 2).toDense());
            assertThat(other).isEqualTo(row(8, 2).toDense());
            assertThat(kv.info("new").orElseThrow().rowSparse()).isTrue();
            assertThat(kv.info("newer").orElseThrow().rowSparse()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aDensePushLeavesTheKeyRowSparse(String type) {
        try (KVStore kv = open(type, settings -> {})) {
            kv.push("rows", row(3, 1));
            kv.push("rows", filled(2, SHAPE));
            assertThat(kv.rowSparsePull("rows", new long[] {9})).isEqualTo(row(9, 2));
            kv.push("rows", row(4, 5), 7);
            assertThat(kv.pull("rows")).isEqualTo(row(4, 5).toDense());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void pushPullWithoutOutputsPushesRowsAndFillsWhatCanBeFilled(String type) {
        try (KVStore kv = open(type, settings -> {})) {
            INDArray dense = filled(1, SHAPE);
            kv.pushPull(List.of("rows"), List.of(row(2, 3)));
            assertThat(kv.rowSparsePull("rows", new long[] {2})).isEqualTo(row(2, 3));
            kv.pushPull("rows", List.of(row(2, 3), dense));
            assertThat(dense).isEqualTo(filled(1, SHAPE).add(row(2, 3).toDense()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStageOfRowsEndsWithTheRefusalItself(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, settings -> {})) {
            kv.setUpdater((key, received, stored) -> await(gate));
            CompletableFuture<Void> push = kv.async().push("rows", row(1, 1)).toCompletableFuture();
            CompletableFuture<Void> delete = kv.async().delete(Key.of("rows")).toCompletableFuture();
            CompletableFuture<RowSparse> rows =
                    kv.async().rowSparsePull("rows", new long[] {1}).toCompletableFuture();
            gate.countDown();
            within(push);
            within(delete);
            assertThat(refused(Reason.NOT_INITIALIZED, rows)).hasMessageContaining("key 'rows': rowSparsePull");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void pushedRowsCountAgainstTheInFlightLimit(String type) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, settings -> settings.set("in-flight-bytes", "8 KiB"))) {
            kv.setUpdater((key, received, stored) -> {
                await(gate);
                stored.addi(received);
            });
            AtomicInteger pushed = new AtomicInteger();
            List<CompletableFuture<Void>> stages = new ArrayList<>();
            Thread producer = new Thread(() -> {
                for (int i = 0; i < 50; i++) {
                    stages.add(kv.async().push("rows", row(i % 3, 1)).toCompletableFuture());
                    pushed.incrementAndGet();
                }
            });
            producer.start();
            until("the producer waits", () -> pushed.get() == 8 && producer.getState() != Thread.State.RUNNABLE);
            assertThat(kv.stats().inFlightBytes()).isEqualTo(8 * 1024);
            gate.countDown();
            producer.join(Support.SECONDS * 1000);
            stages.forEach(Support::within);
            assertThat(kv.rowSparsePull("rows", new long[] {0, 1, 2})
                            .toDense()
                            .sumNumber()
                            .doubleValue())
                    .isEqualTo(50 * 32);
            until("nothing is in flight", () -> kv.stats().inFlightBytes() == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void handedOverRowsNeedNoRoom(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, settings -> settings.set("in-flight-bytes", "1 KiB"))) {
            kv.setUpdater((key, received, stored) -> {
                await(gate);
                stored.addi(received);
            });
            List<CompletableFuture<Void>> stages = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                stages.add(kv.async()
                        .handingOver()
                        .push("rows", List.of(row(2, 1), filled(1, SHAPE), row(3, 1)))
                        .toCompletableFuture());
            }
            assertThat(stages).noneMatch(CompletableFuture::isDone);
            gate.countDown();
            stages.forEach(Support::within);
            assertThat(kv.rowSparsePull("rows", new long[] {2})).isEqualTo(row(2, 40));
            assertThat(kv.rowSparsePull("rows", new long[] {0})).isEqualTo(row(0, 20));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anEarlierPushThatFailedIsToldByThePullOfRows(String type) {
        try (KVStore kv = open(type, settings -> {})) {
            kv.setUpdater((key, received, stored) -> {
                throw new IllegalStateException("not today");
            });
            kv.push("rows", row(1, 1));
            KVStoreException failure = refused(Reason.UPDATER_FAILED, () -> kv.rowSparsePull("rows", new long[] {1}));
            assertThat(failure).hasMessageContaining("not today");
            assertThat(kv.rowSparsePull("rows", new long[] {1})).isEqualTo(row(1, 0));
            assertThat(version(kv, "rows")).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStoresOwnThreadPushesRowsOnlyIfThereIsRoomAndNeverWaitsForRows(String type) {
        List<KVStoreException> refusals = new ArrayList<>();
        try (KVStore kv = open(type, settings -> settings.set("in-flight-bytes", "4 KiB"))) {
            kv.init("other", RowSparse.zeros(DataType.FLOAT, SHAPE));
            kv.setUpdater((key, received, stored) -> {
                stored.addi(received);
                if (key.equals(Key.of("rows"))) {
                    refusals.add(refused(Reason.WOULD_DEADLOCK, () -> kv.rowSparsePull("other", new long[] {1})));
                    kv.async().push("other", List.of(row(1, 5), row(2, 6)));
                    refusals.add(refused(
                            Reason.WOULD_DEADLOCK,
                            () -> kv.async().push("other", RowSparse.fromDense(filled(1, SHAPE)))));
                }
            });
            within(kv.async().push("rows", row(1, 1)));
            kv.flush();
            assertThat(refusals).hasSize(2);
            assertThat(kv.rowSparsePull("other", new long[] {1})).isEqualTo(row(1, 5));
            assertThat(kv.stats().inFlightBytes()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aClosedStoreGivesNoRows(String type) {
        KVStore kv = open(type, settings -> {});
        kv.close();
        refused(Reason.CLOSED, () -> kv.rowSparsePull("rows", new long[] {1}));
        refused(Reason.CLOSED, () -> kv.async().rowSparsePull("rows", new long[] {1}));
    }
}
