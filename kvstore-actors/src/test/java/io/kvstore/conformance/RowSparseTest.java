package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S44;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Arrays.out;
import static io.kvstore.conformance.Bits.assertFilled;
import static io.kvstore.conformance.Bits.assertRows;
import static io.kvstore.conformance.Bits.assertValues;
import static io.kvstore.conformance.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Group F: row-sparse keys. M11: row ids out of range. */
class RowSparseTest {
    private static final long SEED = 53;

    @EveryStore
    void F01_rowSparsePullGivesRequestedRows(Subject subject) {
        Random random = new Random(SEED);
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, RowSparse.fromDense(ones(S44)));
            for (int devices : new int[] {1, 4}) {
                List<INDArray> ids = new ArrayList<>();
                for (int device = 0; device < devices; device++) {
                    ids.add(Nd4j.createFromArray(random.ints(4, 0, 4).toArray()).reshape(2, 2));
                }
                List<RowSparse> pulled = kv.rowSparsePull(key, ids);
                assertThat(pulled).hasSize(devices);
                for (int device = 0; device < devices; device++) {
                    assertOnesInRows(pulled.get(device), ids.get(device).ravel().toLongVector());
                }
            }
            assertOnesInRows(kv.rowSparsePull(key, new long[] {3, 1, 3, 3}), 3, 1);
            assertOnesInRows(kv.rowSparsePull(key, new int[] {2, 0, 2}), 2, 0);
        }
    }

    /** The rows of a 4 x 4 table of ones; the others are not there, and count as zeros. */
    private static void assertOnesInRows(RowSparse actual, long... ids) {
        long[] sorted = java.util.Arrays.stream(ids).sorted().distinct().toArray();
        assertRows(
                actual, S44, sorted, RowSparse.fromDense(ones(sorted.length, 4)).rows());
        float[] dense = new float[16];
        for (long id : ids) {
            java.util.Arrays.fill(dense, (int) id * 4, (int) id * 4 + 4, 1);
        }
        assertValues(actual.toDense(), dense, S44);
    }

    @EveryStore
    void F02_idsAreSortedAndCountOnce(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, RowSparse.fromDense(ones(3, 3)));
            long[] shape = {3, 3};
            assertRows(kv.rowSparsePull(key, new long[] {0, 2}), shape, new long[] {0, 2}, ones(2, 3));
            assertRows(kv.rowSparsePull(key, new long[] {2, 2}), shape, new long[] {2}, ones(1, 3));
            assertRows(kv.rowSparsePull(key, new long[] {1, 0}), shape, new long[] {0, 1}, ones(2, 3));
        }
    }

    @EveryStore
    void F04_pullPassesOverRowSparseOutputs(Subject subject) {
        RowSparse two = RowSparse.fromDense(filled(2, S44));
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(3, 5);
            kv.init(keys, List.of(RowSparse.fromDense(ones(S44)), ones(S44)));
            kv.pull(keys, List.of(two, two));
            kv.pull(subject.key(3), List.of(two, two));
            INDArray dense = out(S44);
            kv.pull(subject.key(3), List.of(two, dense));
            assertFilled(dense, 1, S44);
            assertFilled(two.toDense(), 2, S44);
            refused(Reason.STORAGE_MISMATCH, subject.key(5), () -> kv.pull(keys, List.of(out(S44), two), 0, false));
        }
    }

    /** MXNet refuses a dense output; here there are no outputs, and an array of floats in their place is refused. */
    @EveryStore
    void F05_denseOutputsOfRowSparsePullAreRefused(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(3);
            kv.init(keys, List.of(RowSparse.fromDense(ones(S44))));
            INDArray out = out(S44);
            refused(Reason.INVALID_ARGUMENT, subject.key(3), () -> kv.rowSparsePull(subject.key(3), out));
            refused(Reason.INVALID_ARGUMENT, subject.key(3), () -> kv.rowSparsePull(keys, List.of(out)));
            refused(
                    Reason.INVALID_ARGUMENT,
                    subject.key(3),
                    () -> kv.rowSparsePull(keys, List.of(List.of(new long[] {1}, out))));
            assertFilled(out, -77, S44);
        }
    }

    @EveryStore
    void F06_rowSparsePullOfADenseKeyIsRefused(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, ones(S44));
            refused(Reason.STORAGE_MISMATCH, key, () -> kv.rowSparsePull(key, new long[] {1}));
            kv.push(key, RowSparse.fromDense(ones(S44)));
            refused(Reason.STORAGE_MISMATCH, key, () -> kv.rowSparsePull(key, new long[] {1}));
            assertFilled(kv.pull(key), 1, S44);
        }
    }

    @EveryStore
    void F08_theRowsOfAGradientComeBackAsPushed(Subject subject) {
        Random random = new Random(SEED);
        try (KVStore kv = subject.open()) {
            float[][] rows = new float[3][5];
            for (float[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = random.nextFloat() - 0.5f;
                }
            }
            RowSparse gradient = RowSparse.of(new long[] {100, 5}, new long[] {71, 2, 90}, rows);
            Key key = subject.key(0);
            kv.init(key, gradient);
            assertThat(kv.rowSparsePull(key, gradient.ids())).isEqualTo(gradient);
            kv.push(key, gradient);
            assertThat(kv.rowSparsePull(key, gradient.ids())).isEqualTo(gradient);
        }
    }

    @EveryStore
    void F10_noIdsGiveNoRows(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, RowSparse.fromDense(ones(S44)));
            RowSparse none = RowSparse.zeros(DataType.FLOAT, S44);
            assertThat(kv.rowSparsePull(key, new long[0])).isEqualTo(none);
            assertThat(kv.rowSparsePull(key, new int[0])).isEqualTo(none);
            assertThat(kv.rowSparsePull(key, Nd4j.createFromArray(new long[0]))).isEqualTo(none);
            assertFilled(kv.rowSparsePull(key, new long[0]).toDense(), 0, S44);
            assertFilled(kv.pull(key), 1, S44);
        }
    }

    @EveryStore
    void F11_thereAreAsManyIdListsAsKeysOrOneForAll(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(5, 7, 9);
            kv.init(keys, java.util.Collections.nCopies(3, RowSparse.fromDense(ones(S44))));
            long[] ids = {2, 1};
            refused(Reason.INVALID_ARGUMENT, () -> kv.rowSparsePull(keys, List.of(ids, ids)));
            refused(Reason.INVALID_ARGUMENT, () -> kv.rowSparsePull(keys, List.of(ids, ids, ids, ids)));
            refused(Reason.INVALID_ARGUMENT, () -> kv.rowSparsePull(keys, List.of()));
            for (List<?> given : List.of(List.of(ids), List.of(ids, ids, ids))) {
                List<RowSparse> pulled = kv.rowSparsePull(keys, given);
                assertThat(pulled).hasSize(3);
                pulled.forEach(rows -> assertOnesInRows(rows, 1, 2));
            }
        }
    }

    @EveryStore
    void M11_rowIdsOutsideTheKeyAreRefused(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, RowSparse.fromDense(ones(S44)));
            for (long outside : new long[] {-1, 4, 1L << 40, Long.MIN_VALUE}) {
                long[] ids = {0, outside, 1};
                refused(Reason.OUT_OF_RANGE, key, () -> kv.rowSparsePull(key, ids));
                refused(Reason.OUT_OF_RANGE, key, () -> kv.rowSparsePull(key, Nd4j.createFromArray(ids)));
                assertThat(refused(Reason.OUT_OF_RANGE, () -> kv.rowSparsePull(key, List.of(new int[] {3}, ids))))
                        .hasMessageContainingAll("rowIds[0][1]", "[0, 4)", outside + " at position 1");
            }
            assertFilled(kv.pull(key), 1, S44);
        }
    }
}
