package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreTimeoutException;
import io.kvstore.cluster.TestServers;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** A pushPull of large arrays reads them in place and fills outputs piece by piece, which nobody may notice. */
class LentArraysTest {
    private static final int LARGE = 100_000; // 400 kB in slices of 64 KiB

    private static final String SLICED = "kvstore.slice-bytes = 64 KiB";

    private static TestServers servers;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, SLICED);
    }

    @AfterAll
    static void end() {
        servers.close();
    }

    private static Workers workers(int n) {
        return Workers.of(servers, "dist_sync", n, SLICED);
    }

    private static INDArray counting(float factor) {
        return Nd4j.arange(LARGE).castTo(DataType.FLOAT).muli(factor);
    }

    private static void assertSame(INDArray actual, INDArray expected) {
        assertThat(actual.dup('c').data().asFloat())
                .isEqualTo(expected.dup('c').data().asFloat());
    }

    @Test
    void arraysMayBeFilledInPlace() {
        try (Workers workers = workers(2)) {
            workers.all(kv -> {
                kv.init("w", filled(0, LARGE));
                for (int round = 1; round <= 5; round++) {
                    INDArray array = counting(kv.rank() + round);
                    kv.pushPull("w", array);
                    assertSame(array, counting(2 * round + 1));
                }
                return null;
            });
        }
    }

    /** Else the answer for the one would be sent as the gradient of the other. */
    @Test
    void theOutputOfOneKeyMayBeTheGradientOfAnother() {
        try (Workers workers = workers(1)) {
            workers.all(kv -> {
                List<Integer> keys = IntStream.range(0, 8).boxed().toList();
                kv.init(keys, keys.stream().map(key -> filled(0, LARGE)).toList());
                for (int round = 1; round <= 5; round++) {
                    int factor = round;
                    List<INDArray> arrays =
                            keys.stream().map(key -> counting(factor + key)).toList();
                    List<INDArray> turned = keys.stream()
                            .map(key -> arrays.get((key + 1) % keys.size()))
                            .toList();
                    kv.pushPull(keys, arrays, turned);
                    keys.forEach(key -> assertSame(turned.get(key), counting(factor + key)));
                }
                return null;
            });
        }
    }

    @Test
    void viewsAreReadAndFilledByTheirLogicalValue() {
        try (Workers workers = workers(1)) {
            workers.all(kv -> {
                INDArray gradient = Nd4j.arange(LARGE).castTo(DataType.FLOAT).reshape('f', 1000, 100);
                INDArray parent = filled(7, 1000, 200);
                INDArray out = parent.get(NDArrayIndex.all(), NDArrayIndex.interval(50, 150));
                kv.init("w", filled(0, 1000, 100));
                kv.pushPull("w", gradient, out);
                assertSame(out, gradient);
                assertFilled(
                        parent.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 50))
                                .dup('c'),
                        7);
                assertFilled(
                        parent.get(NDArrayIndex.all(), NDArrayIndex.interval(150, 200))
                                .dup('c'),
                        7);
                return null;
            });
        }
    }

    /** The round still takes the push, but not what the caller has done with its array since. */
    @Test
    void whoStopsWaitingHasItsArraysBack() {
        String impatient = SLICED + "\nkvstore.patience = 1 s";
        String store = "impatient";
        try (Workers workers = Workers.named(servers, store, "dist_sync", 2, impatient)) {
            INDArray out = filled(-1, LARGE);
            INDArray array = counting(1);
            Future<Void> init = workers.start(1, kv -> {
                kv.init("w", filled(0, LARGE));
                return null;
            });
            Workers.get(workers.start(0, kv -> {
                kv.init("w", filled(0, LARGE));
                assertThatThrownBy(() -> kv.pushPull("w", array, out)).isInstanceOf(KVStoreTimeoutException.class);
                array.assign(99);
                return null;
            }));
            Workers.get(init);
            INDArray other = counting(2);
            Workers.get(workers.start(1, kv -> {
                kv.pushPull("w", other, other);
                return null;
            }));
            assertSame(other, counting(3));
            assertFilled(out, -1);
        }
    }
}
