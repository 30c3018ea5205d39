package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;

import io.kvstore.RowSparse;
import io.kvstore.cluster.TestServers;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Several devices in each worker, broadcast, priorities (MXNet: tests/nightly/dist_device_sync_kvstore*.py). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DevicesTest {
    private static final int RATE = 2;
    private static final int DEVICES = 2;

    private final int n = workers();
    private TestServers servers;

    int workers() {
        return 3;
    }

    int servers() {
        return 2;
    }

    @BeforeAll
    void start() {
        servers = TestServers.start(servers(), "");
    }

    @AfterAll
    void stop() {
        servers.close();
    }

    private static Optimizer test() {
        return Optimizer.named("test").rescaleGrad(RATE).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dist_sync", "dist_device_sync", "dist_sync_device"})
    void K01_devicesAreSummedInTheWorkerAndWorkersOnTheServers(String type) {
        try (Workers workers = Workers.of(servers, type, n, "")) {
            workers.all(kv -> {
                kv.setOptimizer(test());
                kv.init(List.of("w", "big"), List.of(filled(1, S23), filled(1, BIG)));
                for (int i = 0; i < 3; i++) {
                    kv.push("w", List.of(filled(kv.rank() + 1, S23), filled(kv.rank() + 1, S23)));
                    kv.push("big", List.of(filled(kv.rank() + 1, BIG), filled(kv.rank() + 1, BIG)));
                    INDArray one = filled(0, S23);
                    INDArray other = filled(0, S23);
                    kv.pull("w", List.of(one, other));
                    double expected = n * (n + 1) / 2 * RATE * DEVICES * (i + 1) + 1;
                    assertFilled(one, expected);
                    assertFilled(other, expected);
                    assertFilled(kv.pull("big"), expected);
                }
                return null;
            });
        }
    }

    @Test
    void K04_broadcastGivesEveryWorkerTheLowestRanksValue() {
        try (Workers workers = Workers.of(servers, "dist_device_sync", n, "")) {
            workers.all(kv -> {
                List<Integer> keys = IntStream.range(0, 100).boxed().toList();
                List<INDArray> values =
                        keys.stream().map(j -> filled(j, shape(j))).toList();
                List<List<INDArray>> outs = keys.stream()
                        .map(j -> List.of(filled(-1, shape(j)), filled(-1, shape(j))))
                        .toList();
                kv.broadcast(keys, values, outs, 0);
                keys.forEach(j -> outs.get(j).forEach(out -> assertFilled(out, j)));
                return null;
            });
        }
    }

    private static long[] shape(int key) {
        return key % 50 == 0 ? BIG : S23;
    }

    @Test
    void K05_prioritiesAndSmallSlicesChangeNoResultAndLiftNoFeature() {
        String p3 = "kvstore.p3 = on";
        try (Workers workers = Workers.of(servers, "dist_sync", n, p3)) {
            workers.all(kv -> {
                kv.setOptimizer(test());
                kv.init(
                        List.of("a", "b", "rows"),
                        List.of(filled(0, BIG), filled(0, S23), RowSparse.fromDense(filled(0, S23))));
                kv.push("a", filled(1, BIG), -5);
                kv.push("b", filled(1, S23), 7);
                kv.push("rows", Values.rows(S23, new long[] {1}, 1));
                assertFilled(kv.pull("a"), n * RATE);
                assertFilled(kv.pull("b"), n * RATE);
                Values.assertRows(kv.rowSparsePull("rows", new long[] {0, 1}), new long[] {0, 1}, 0, n * RATE);
                kv.setGradientCompression(GradientCompression.twoBit(0.5));
                kv.push("a", filled(1, BIG), 3);
                assertFilled(kv.pull("a"), n * RATE + n * RATE * 0.5);
                return null;
            });
        }
    }
}
