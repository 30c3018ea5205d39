package io.kvstore.robust;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.RowSparse;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Pulls and pushes of 10 000 rows take a time by the rows, not by the table: an embedding of 1 000 000 x 64 float32 (256 MB)
 * beside one of a tenth of it, the same rows touched in both.
 */
class LargeTableTest {
    private static final long SEED = 59;
    private static final int ROWS = 10_000;
    private static final int LENGTH = 64;
    private static final int SMALL = 100_000;
    private static final int LARGE = 1_000_000;
    private static final int ROUNDS = 15;

    /** What is proportional to the table takes ten times as long for the large one. */
    private static final double LIMIT = 4;

    private final Random random = new Random(SEED);

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void timeGoesByTheRowsAndNotByTheTable(String type, TestReporter report) {
        try (KVStore kv = KVStore.create(type)) {
            kv.init("small", RowSparse.zeros(DataType.FLOAT, SMALL, LENGTH));
            kv.init("large", RowSparse.zeros(DataType.FLOAT, LARGE, LENGTH));
            compare(report, type + " pull", this::ids, kv::rowSparsePull);
            compare(report, type + " push, assigned", this::ids, (key, ids) -> push(kv, key, ids));
            kv.setOptimizer(Optimizer.sgd().learningRate(0.5).build());
            compare(report, type + " push, lazy sgd", this::ids, (key, ids) -> push(kv, key, ids));
            assertThat(kv.rowSparsePull("large", new long[] {SMALL, LARGE - 1}))
                    .isEqualTo(
                            RowSparse.of(new long[] {LARGE, LENGTH}, new long[] {SMALL, LARGE - 1}, new float[2][64]));
        }
    }

    private interface Operation {
        void on(String key, long[] ids);
    }

    private interface Ids {
        long[] next();
    }

    private long[] ids() {
        return random.longs(ROWS, 0, SMALL).sorted().distinct().toArray();
    }

    private static void push(KVStore kv, String key, long[] ids) {
        Shape shape = Shape.of(key.equals("small") ? SMALL : LARGE, LENGTH);
        DenseTensor rows = DenseTensor.zeros(DType.FLOAT32, Shape.of(ids.length, LENGTH));
        Arrays.fill(rows.floats(), 1);
        kv.push(key, RowSparse.of(RowSparseTensor.of(shape, ids, rows)));
        kv.flush();
    }

    private static void compare(TestReporter report, String what, Ids ids, Operation operation) {
        double[] small = new double[ROUNDS];
        double[] large = new double[ROUNDS];
        for (int round = -ROUNDS; round < ROUNDS; round++) { // the first half warms up
            long[] next = ids.next();
            double ofSmall = millis(() -> operation.on("small", next));
            double ofLarge = millis(() -> operation.on("large", next));
            if (round >= 0) {
                small[round] = ofSmall;
                large[round] = ofLarge;
            }
        }
        Arrays.sort(small);
        Arrays.sort(large);
        String medians = String.format(
                Locale.ROOT,
                "%s: %.2f ms of %d rows, %.2f ms of %d (seed %d)",
                what,
                small[ROUNDS / 2],
                SMALL,
                large[ROUNDS / 2],
                LARGE,
                SEED);
        report.publishEntry("medians", medians);
        assertThat(large[ROUNDS / 2]).as(medians).isLessThan(LIMIT * small[ROUNDS / 2]);
    }

    private static double millis(Runnable task) {
        long start = System.nanoTime();
        task.run();
        return (System.nanoTime() - start) / 1e6;
    }
}
