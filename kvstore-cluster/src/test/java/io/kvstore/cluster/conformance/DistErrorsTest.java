package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.cluster.TestServers;
import io.kvstore.compression.GradientCompression;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is wrong is refused as in one process, changes nothing, and takes no part in a round. */
class DistErrorsTest {
    private static TestServers servers;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, "");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private static KVStoreException refused(Reason reason, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).as("a refusal as " + reason).isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    private static Workers workers() {
        return Workers.of(servers, "dist_sync", 2, "");
    }

    /** Every worker pushes once more, and the key has that sum and no version in between. */
    private static void assertRoundsGoOn(KVStore kv, String key, long[] shape, long version) {
        kv.push(key, filled(kv.rank() + 1, shape));
        assertFilled(kv.pull(key), 3);
        assertThat(kv.info(key).orElseThrow().version()).isEqualTo(version);
    }

    @Test
    void G05_aKeyThatWasNotInitialisedIsNamedAndCanBeLater() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                for (ThrowingCallable call : List.<ThrowingCallable>of(
                        () -> kv.push("w", filled(1, S23)),
                        () -> kv.pull("w"),
                        () -> kv.pull("w", filled(1, S23)),
                        () -> kv.pushPull("w", filled(1, S23)),
                        () -> kv.rowSparsePull("w", new long[] {0}),
                        () -> kv.delete("w"),
                        () -> kv.async().push("w", filled(1, S23)))) {
                    assertThat(refused(Reason.NOT_INITIALIZED, call)).hasMessageContaining("'w'");
                }
                kv.barrier();
                kv.init("w", filled(1, S23));
                assertRoundsGoOn(kv, "w", S23, 1);
                return null;
            });
        }
    }

    @Test
    void G06_anotherShapeIsRefusedWhoeverMadeTheKey() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init(List.of("w", "big"), List.of(filled(1, S23), filled(1, BIG)));
                for (ThrowingCallable call : List.<ThrowingCallable>of(
                        () -> kv.push("w", filled(1, 3, 2)),
                        () -> kv.push("w", List.of(filled(1, S23), filled(1, 6))),
                        () -> kv.push("big", filled(1, 1200, 1201)),
                        () -> kv.pull("w", filled(1, 3, 2)),
                        () -> kv.pushPull("w", filled(1, 3, 2)))) {
                    assertThat(refused(Reason.SHAPE_MISMATCH, call)).hasMessageContaining("given (");
                }
                assertRoundsGoOn(kv, "w", S23, 1);
                assertRoundsGoOn(kv, "big", BIG, 1);
                return null;
            });
        }
    }

    @Test
    void anotherTypeOrStorageIsRefused() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init("w", filled(1, S23));
                assertThat(refused(Reason.DTYPE_MISMATCH, () -> kv.push("w", filled(DataType.DOUBLE, 1, S23))))
                        .hasMessageContaining("push expects type float32, given float64");
                refused(Reason.STORAGE_MISMATCH, () -> kv.rowSparsePull("w", new long[] {0}));
                assertRoundsGoOn(kv, "w", S23, 1);
                return null;
            });
        }
    }

    @Test
    void M11_aRowThatDoesNotExistIsRefused() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init(List.of("rows"), List.of(RowSparse.fromDense(filled(1, S23))));
                refused(Reason.OUT_OF_RANGE, () -> kv.rowSparsePull("rows", new long[] {0, 2}));
                refused(Reason.OUT_OF_RANGE, () -> kv.rowSparsePull("rows", new long[] {-1}));
                Values.assertRows(kv.rowSparsePull("rows", new long[] {1}), new long[] {1}, 1);
                return null;
            });
        }
    }

    @Test
    void G01_G02_kindsOfKeysAreNotMixed() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init("w", filled(1, S23));
                for (ThrowingCallable call : List.<ThrowingCallable>of(
                        () -> kv.init(3, filled(1, S23)),
                        () -> kv.push(3, filled(1, S23)),
                        () -> kv.pull(3),
                        () -> kv.push(List.of("w", 3), List.of(filled(1, S23), filled(1, S23))))) {
                    refused(Reason.MIXED_KEY_KINDS, call);
                }
                assertRoundsGoOn(kv, "w", S23, 1);
                return null;
            });
        }
    }

    @Test
    void G04_aSecondInitOfTheSameWorkerIsRefusedAndTheValueStays() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init(List.of("w", "big"), List.of(filled(1, S23), filled(1, BIG)));
                refused(Reason.ALREADY_INITIALIZED, () -> kv.init("w", filled(7, S23)));
                refused(Reason.ALREADY_INITIALIZED, () -> kv.init("big", filled(7, BIG)));
                refused(Reason.ALREADY_INITIALIZED, () -> kv.broadcast("w", filled(7, S23), filled(0, S23)));
                refused(
                        Reason.ALREADY_INITIALIZED,
                        () -> kv.init(List.of("new", "w"), List.of(filled(7, S23), filled(7, S23))));
                assertThat(kv.info("new")).isEmpty();
                assertFilled(kv.pull("w"), 1);
                assertFilled(kv.pull("big"), 1);
                assertRoundsGoOn(kv, "w", S23, 1);
                return null;
            });
        }
    }

    @Test
    void anInitThatDiffersFromTheLowestRanksIsRefused() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                INDArray mine = kv.rank() == 0 ? filled(1, S23) : filled(1, BIG);
                if (kv.rank() == 0) {
                    kv.init("shape", mine);
                    kv.init("type", filled(1, S23));
                    kv.init("storage", filled(1, S23));
                } else {
                    assertThat(refused(Reason.SHAPE_MISMATCH, () -> kv.init("shape", mine)))
                            .hasMessageContaining("(2, 3)");
                    refused(Reason.DTYPE_MISMATCH, () -> kv.init("type", filled(DataType.DOUBLE, 1, S23)));
                    refused(
                            Reason.STORAGE_MISMATCH,
                            () -> kv.init(List.of("storage"), List.of(RowSparse.fromDense(filled(1, S23)))));
                    kv.init(
                            List.of("shape", "type", "storage"),
                            List.of(filled(9, S23), filled(9, S23), filled(9, S23)));
                }
                assertRoundsGoOn(kv, "shape", S23, 1);
                assertRoundsGoOn(kv, "storage", S23, 1);
                return null;
            });
        }
    }

    @Test
    void anUpdaterIsRefusedWithAdvice() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                assertThat(refused(Reason.UNSUPPORTED, () -> kv.setUpdater((key, received, stored) -> {})))
                        .hasMessageContainingAll("dist_sync", "OptimizerRule", "setOptimizer");
                return null;
            });
        }
    }

    @Test
    void whatOneProcessRefusesIsRefusedHere() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init("w", filled(1, S23));
                INDArray closed = filled(1, S23);
                closed.close();
                refused(Reason.INVALID_ARGUMENT, () -> kv.push("w", (INDArray) null));
                refused(Reason.INVALID_ARGUMENT, () -> kv.push(List.of("w", "w"), List.of(filled(1, S23))));
                refused(Reason.ARRAY_CLOSED, () -> kv.push("w", closed));
                refused(Reason.UNSUPPORTED_DTYPE, () -> kv.init("flags", Nd4j.create(new boolean[] {true})));
                refused(Reason.INVALID_ARGUMENT, () -> kv.isCapable("flying"));
                refused(Reason.INVALID_ARGUMENT, () -> kv.numDeadNodes(8));
                refused(Reason.INVALID_ARGUMENT, () -> kv.setLearningRate(0.1));
                kv.setGradientCompression(GradientCompression.none());
                assertRoundsGoOn(kv, "w", S23, 1);
                return null;
            });
        }
    }

    @Test
    void aWorkerOfAnotherTypeIsNotLetIn() {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, () -> {
            try (Workers sync = Workers.named(servers, "one-type", "dist_sync", 1, "");
                    Workers async = Workers.named(servers, "one-type", "dist_async", 1, "")) {
                assertThat(sync.size() + async.size()).isZero(); // not reached
            }
        });
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).isEqualTo(Reason.INVALID_CONFIGURATION);
        assertThat(refusal).hasMessageContaining("another kvstore.store-name");
    }

    @Test
    void aClosedStoreIsNotUsed() {
        try (Workers workers = workers()) {
            workers.all(kv -> {
                kv.init("w", filled(1, S23));
                kv.close();
                refused(Reason.CLOSED, () -> kv.pull("w"));
                refused(Reason.CLOSED, () -> kv.push("w", filled(1, S23)));
                refused(Reason.CLOSED, kv::barrier);
                kv.close();
                return null;
            });
        }
    }
}
