package io.kvstore.examples.gpu;

import static io.kvstore.examples.gpu.Samples.KEY;
import static io.kvstore.examples.gpu.Samples.KEYS;
import static io.kvstore.examples.gpu.Samples.S44;
import static io.kvstore.examples.gpu.Samples.everyRow;
import static io.kvstore.examples.gpu.Samples.ones;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.Random;

/** Group F, and M11: row-sparse keys. */
final class RowCases {
    private static final long SEED = 53;

    private RowCases() {}

    static void F01_rowSparsePullGivesRequestedRows(Store store) {
        Random random = new Random(SEED);
        for (Key key : KEYS) {
            store.init(key, everyRow(ones(S44)));
            for (int i = 0; i < 4; i++) {
                long[] ids = random.longs(4, 0, 4).toArray();
                Expect.equal(RowSparseTensor.gather(ones(S44), ids), store.pullRows(key, ids), "rows, seed " + SEED);
            }
        }
    }

    static void F02_idsAreSortedAndCountOnce(Store store) {
        DenseTensor table = Samples.reals(1, DType.FLOAT32, Shape.of(3, 3), new Random(SEED))
                .get(0);
        store.init(KEY, everyRow(table));
        for (long[] ids : new long[][] {{0, 2}, {2, 2}, {1, 0}, {2, 1, 0, 1}}) {
            RowSparseTensor rows = store.pullRows(KEY, ids);
            Expect.equal(RowSparseTensor.gather(table, ids), rows, "rows");
        }
    }

    static void F06_rowsOfADenseKeyAreRefused(Store store) {
        store.init(KEY, ones(S44));
        store.refuses(Reason.STORAGE_MISMATCH, KEY, new KeyCommand.PullRows(new long[] {1}, null));
        store.push(KEY, List.of(everyRow(ones(S44))));
        store.refuses(Reason.STORAGE_MISMATCH, KEY, new KeyCommand.PullRows(new long[] {1}, null));
        Expect.equal(ones(S44), store.pull(KEY), "value");
    }

    static void F08_theRowsOfAGradientComeBackAsPushed(Store store) {
        Random random = new Random(SEED);
        Shape shape = Shape.of(100, 5);
        long[] ids = {2, 71, 90};
        DenseTensor rows =
                Samples.reals(1, DType.FLOAT32, Shape.of(3, 5), random).get(0);
        RowSparseTensor gradient = RowSparseTensor.of(shape, ids, rows);
        store.init(KEY, gradient);
        Expect.equal(gradient, store.pullRows(KEY, ids), "initial rows");
        store.push(KEY, List.of(gradient));
        Expect.equal(gradient, store.pullRows(KEY, ids), "pushed rows");
        Expect.equal(gradient.toDense(), store.pull(KEY), "value");
    }

    static void F10_noIdsGiveNoRows(Store store) {
        store.init(KEY, everyRow(ones(S44)));
        Expect.equal(RowSparseTensor.gather(ones(S44), new long[0]), store.pullRows(KEY), "rows");
        Expect.equal(ones(S44), store.pull(KEY), "value");
    }

    static void M11_rowIdsOutsideTheKeyAreRefused(Store store) {
        store.init(KEY, everyRow(ones(S44)));
        for (long outside : new long[] {-1, 4, 1L << 40, Long.MIN_VALUE}) {
            store.refuses(Reason.OUT_OF_RANGE, KEY, new KeyCommand.PullRows(new long[] {0, outside, 1}, null));
        }
        Expect.equal(ones(S44), store.pull(KEY), "value");
    }
}
