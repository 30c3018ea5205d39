package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.nd4j.linalg.factory.Nd4j;

/** Where this project's store does not do with row-sparse values what MXNet's does, and why: each test shows both. */
@Tag("thorough")
class RowSparseDifferencesTest {
    private static final int[] SHAPE = {2, 1};
    private static final Rows BOTH_ROWS = new Rows(SHAPE, new long[] {0, 1}, new float[] {1, 1});
    private static final Rows FIRST_ROW = new Rows(SHAPE, new long[] {0}, new float[] {2});
    private static final Sample DENSE = Sample.of(MxType.FLOAT32, SHAPE, 4, 8);

    @RegisterExtension
    static final Differential STORES = new Differential();

    private Both both;
    private MxOptimizer updater;

    @BeforeEach
    void open() {
        both = STORES.open("local");
    }

    @AfterEach
    void close() {
        both.close();
        if (updater != null) {
            updater.close();
        }
    }

    private void init(Rows value) {
        both.ours().init("weight", value.toOurs());
        try (MxArray copy = value.toMx(0)) {
            both.theirs().init("weight", copy);
        }
    }

    private void push(Rows value) {
        both.ours().push("weight", value.toOurs());
        pushToMxnet(value);
    }

    private void pushToMxnet(Rows value) {
        try (MxArray copy = value.toMx(0)) {
            both.theirs().push("weight", List.of(copy));
        }
    }

    private float[] ours() {
        return both.ours().pull("weight").toFloatVector();
    }

    private float[] mxnets() {
        try (MxArray out = MxArray.zeros(0, MxType.FLOAT32, SHAPE)) {
            both.theirs().pull("weight", List.of(out));
            return out.toFloats();
        }
    }

    /** Lets MXNet's store update by a rule, at the rate 0.5. */
    private void optimize(MxRule rule, double wd, Map<String, Double> own) {
        Map<String, Double> settings = new HashMap<>(own);
        settings.putAll(Map.of("wd", wd, "rescale_grad", 1.0, "clip_gradient", -1.0));
        updater = new MxOptimizer(rule, false, settings, update -> 0.5, Map.of(), Map.of());
        both.theirs().setUpdater(updater);
    }

    /** A dense push makes MXNet's key dense, and rows of it can be pulled no more. Here a key stays what it was made. */
    @Test
    void givesRowsOfARowSparseKeyAfterADensePush() {
        init(BOTH_ROWS);
        both.ours().push("weight", DENSE.toNd());
        try (MxArray dense = DENSE.toMx(0);
                MxArray ids = Sample.of(MxType.INT64, new int[] {1}, 1).toMx(0);
                MxArray out = new Rows(SHAPE, new long[0], new float[0]).toMx(0)) {
            both.theirs().push("weight", List.of(dense));
            assertThatThrownBy(() -> both.theirs().pullRows("weight", out, ids))
                    .hasMessageContaining("PullRowSparse expects row_sparse src NDArray");
        }
        assertThat(both.ours().rowSparsePull("weight", new long[] {1}).rows().toFloatVector())
                .containsExactly(8);
    }

    /** MXNet's buffers are of the kind of a key's first push of several values; one that begins with the other fails. */
    @Test
    void addsDenseAndRowSparseValuesInAnyOrder() {
        init(BOTH_ROWS);
        both.ours().push("weight", List.of(DENSE.toNd(), FIRST_ROW.toOurs()));
        assertThat(ours()).containsExactly(6, 8);
        both.ours().push("weight", List.of(FIRST_ROW.toOurs(), DENSE.toNd()));
        assertThat(ours()).containsExactly(6, 8);
        try (MxArray dense = DENSE.toMx(0);
                MxArray rows = FIRST_ROW.toMx(1)) {
            both.theirs().push("weight", List.of(dense, rows));
            assertThat(mxnets()).containsExactly(6, 8);
            assertThatThrownBy(() -> both.theirs().push("weight", List.of(rows, dense)))
                    .hasMessageContaining("Storage type mismatch detected");
        }
    }

    /** MXNet updates row-sparse weights only if every row has been given. Here a row that was not is a row of zeros. */
    @Test
    void updatesAKeyThatWasGivenSomeRowsOnly() {
        init(FIRST_ROW);
        optimize(MxRules.sgd("sgd_update"), 0, Map.of());
        pushToMxnet(BOTH_ROWS);
        assertThatThrownBy(this::mxnets).hasMessageContaining("all rows containing non-zeros");
        both.ours().setOptimizer(Optimizer.sgd().learningRate(0.5).build());
        both.ours().push("weight", BOTH_ROWS.toOurs());
        assertThat(ours()).containsExactly(1.5f, -0.5f);
    }

    /** MXNet has AdaGrad for rows without weight decay only. Here the given rows decay. */
    @Test
    void decaysTheRowsThatAdaGradUpdates() {
        init(BOTH_ROWS);
        optimize(MxRules.adaGradOfRows(), 0.25, Map.of("eps", 1e-7));
        assertThatThrownBy(() -> pushToMxnet(FIRST_ROW))
                .hasMessageContaining("Operator not implemented")
                .hasMessageContaining("_sparse_adagrad_update");
        both.ours().setOptimizer(Optimizer.of("adagrad", Map.of("learning_rate", 0.5, "wd", 0.25, "eps", 1e-7)));
        both.ours().push("weight", FIRST_ROW.toOurs());
        assertThat(ours()).containsExactly(1 - 0.5f * (1 + 0.25f), 1);
    }

    /**
     * A dense weight of FTRL is updated as a whole in MXNet, row-sparse gradient or not: rows that no gradient names lose
     * their first value. Here they are left alone, as with the other rules, unless {@code lazy_update} is off.
     */
    @Test
    void leavesTheOtherRowsOfADenseWeightAloneWithFtrl() {
        both.init("weight", DENSE);
        optimize(MxRules.ftrl(), 0, Map.of("lamda1", 0.01, "beta", 1.0));
        both.ours().setOptimizer(Optimizer.of("ftrl", Map.of("learning_rate", 0.5, "lamda1", 0.01)));
        push(FIRST_ROW);
        assertThat(mxnets()[1]).isZero();
        assertThat(ours()[1]).isEqualTo(8);
        assertThat(ours()[0]).isEqualTo(mxnets()[0]);
    }

    /** MXNet takes row ids as float32, which has no odd numbers from 2^24 on: the row next to the wanted one comes back. */
    @Test
    void refusesRowIdsThatAreNotWholeNumbers() {
        init(BOTH_ROWS);
        try (MxArray ids = MxArray.of(new float[] {1.9f});
                MxArray out = new Rows(SHAPE, new long[0], new float[0]).toMx(0)) {
            both.theirs().pullRows("weight", out, ids);
            assertThat(out.rowIds()).containsExactly(1);
        }
        assertThatThrownBy(() -> both.ours().rowSparsePull("weight", Nd4j.createFromArray(1.9f)))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_ARGUMENT));
    }
}
