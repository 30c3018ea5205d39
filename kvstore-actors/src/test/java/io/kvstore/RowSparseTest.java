package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class RowSparseTest {
    private static final long[] SHAPE = {5, 2};
    private static final float[][] THREE_ROWS = {{1, 2}, {3, 4}, {5, 6}};

    private static void assertDense(RowSparse actual, float[] expected, long... shape) {
        assertThat(Tensor.copyOf(actual.toDense())).isEqualTo(DenseTensor.of(expected, shape));
    }

    @Test
    void rowsAreSortedByTheirIds() {
        RowSparse value = RowSparse.of(SHAPE, new long[] {4, 0, 3}, THREE_ROWS);
        assertThat(value.shape()).containsExactly(SHAPE);
        assertThat(value.ids()).containsExactly(0, 3, 4);
        assertThat(value.dtype()).isEqualTo(DType.FLOAT32);
        assertDense(value, new float[] {3, 4, 0, 0, 0, 0, 5, 6, 1, 2}, SHAPE);
        assertThat(Tensor.copyOf(value.rows())).isEqualTo(DenseTensor.of(new float[] {3, 4, 5, 6, 1, 2}, 3, 2));
    }

    @Test
    void itIsACopyAndGivesCopies() {
        long[] ids = {0, 3};
        INDArray rows = Nd4j.createFromArray(new float[][] {{1, 2}, {3, 4}});
        RowSparse value = RowSparse.of(SHAPE, ids, rows);
        RowSparse same = RowSparse.of(SHAPE, new long[] {3, 0}, new float[][] {{3, 4}, {1, 2}});
        ids[0] = 2;
        rows.assign(9);
        value.ids()[0] = 2;
        value.shape()[0] = 9;
        value.rows().assign(9);
        value.toDense().assign(9);
        assertThat(value).isEqualTo(same).hasSameHashCodeAs(same);
    }

    @Test
    void equalityIsBitByBit() {
        RowSparse value = RowSparse.of(SHAPE, new long[] {1}, new float[][] {{0, 1}});
        assertThat(value).isNotEqualTo(RowSparse.of(SHAPE, new long[] {1}, new float[][] {{-0f, 1}}));
        assertThat(value).isNotEqualTo(RowSparse.of(SHAPE, new long[] {2}, new float[][] {{0, 1}}));
        assertThat(value).isNotEqualTo(RowSparse.of(new long[] {6, 2}, new long[] {1}, new float[][] {{0, 1}}));
        assertThat(RowSparse.of(SHAPE, new long[] {1}, new float[1][2]))
                .as("a row of zeros is not a missing row")
                .isNotEqualTo(RowSparse.zeros(DataType.FLOAT, SHAPE));
        assertThat(value).isNotEqualTo(null);
    }

    @Test
    void summingAddsRepeatedRowsInTheOrderGiven() {
        float[][] rows = {{1e8f, 1}, {1, 2}, {-1e8f, 4}, {1, 8}};
        RowSparse value = RowSparse.summing(SHAPE, new long[] {3, 1, 3, 3}, rows);
        assertThat(value.ids()).containsExactly(1, 3);
        assertDense(value, new float[] {0, 0, 1, 2, 0, 0, (1e8f + -1e8f) + 1, 1 + 4 + 8, 0, 0}, SHAPE);
        assertThat(RowSparse.summing(SHAPE, new long[] {3, 1, 3, 3}, Nd4j.createFromArray(rows)))
                .isEqualTo(value);
    }

    @Test
    void manyRepeatedIdsAreAddedUp() {
        Random random = new Random(67);
        int count = 2_000;
        long[] ids = random.longs(count, 0, 100).toArray();
        float[][] rows = new float[count][3];
        float[] expected = new float[300];
        for (int i = 0; i < count; i++) {
            for (int k = 0; k < 3; k++) {
                rows[i][k] = random.nextInt(100);
                expected[(int) ids[i] * 3 + k] += rows[i][k];
            }
        }
        assertDense(RowSparse.summing(new long[] {100, 3}, ids, rows), expected, 100, 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"FLOAT", "DOUBLE", "HALF", "BFLOAT16", "INT", "LONG", "BYTE", "UBYTE"})
    void everyTypeOfArrayIsTaken(DataType type) {
        INDArray dense = Nd4j.createFromArray(new float[][] {{0, 0}, {1, 2}, {0, 0}, {0, 3}})
                .castTo(type);
        RowSparse value = RowSparse.fromDense(dense);
        assertThat(value.ids()).containsExactly(1, 3);
        assertThat(Tensor.copyOf(value.toDense())).isEqualTo(Tensor.copyOf(dense));
        INDArray rows = Nd4j.createFromArray(new float[][] {{0, 3}, {1, 2}}).castTo(type);
        assertThat(RowSparse.of(new long[] {4, 2}, new long[] {3, 1}, rows)).isEqualTo(value);
        assertThat(RowSparse.fromDense(dense.mul(0).castTo(type))).isEqualTo(RowSparse.zeros(type, 4, 2));
    }

    @Test
    void fromDenseKeepsRowsWithAnyValueOtherThanZero() {
        float nan = Float.NaN;
        INDArray dense = Nd4j.createFromArray(new float[][] {{0, -0f}, {0, nan}, {Float.MIN_VALUE, 0}, {0, 0}});
        assertThat(RowSparse.fromDense(dense).ids()).containsExactly(1, 2);
    }

    @Test
    void viewsAreReadByTheirLogicalValue() {
        INDArray columns =
                Nd4j.createFromArray(new float[][] {{1, 3, 5}, {2, 4, 6}}).transpose();
        assertThat(RowSparse.of(SHAPE, new long[] {0, 1, 2}, columns))
                .isEqualTo(RowSparse.of(SHAPE, new long[] {0, 1, 2}, THREE_ROWS));
    }

    @Test
    void aRowIsEverythingUnderOneIndexOfTheFirstDimension() {
        assertDense(RowSparse.of(new long[] {3}, new long[] {2}, new float[][] {{7}}), new float[] {0, 0, 7}, 3);
        assertDense(
                RowSparse.of(new long[] {2, 2, 2}, new long[] {1}, new float[][] {{1, 2, 3, 4}}),
                new float[] {0, 0, 0, 0, 1, 2, 3, 4},
                2,
                2,
                2);
    }

    @Test
    void thereMayBeNoRowsAndEmptyRows() {
        RowSparse none = RowSparse.zeros(DataType.FLOAT, SHAPE);
        assertThat(none.ids()).isEmpty();
        assertThat(RowSparse.of(SHAPE, new long[0], new float[0][])).isEqualTo(none);
        assertThat(RowSparse.of(SHAPE, new long[0], Nd4j.empty(DataType.FLOAT))).isEqualTo(none);
        assertDense(none, new float[10], SHAPE);
        assertThat(RowSparse.of(new long[] {4, 0}, new long[] {2}, new float[1][0])
                        .ids())
                .containsExactly(2);
        assertThat(RowSparse.zeros(DataType.FLOAT, 0, 3).shape()).containsExactly(0, 3);
    }

    @Test
    void theTensorIsTheSameValueForMessages() {
        RowSparse value = RowSparse.of(SHAPE, new long[] {4, 0, 3}, THREE_ROWS);
        assertThat(value.tensor())
                .isEqualTo(RowSparseTensor.of(
                        Shape.of(SHAPE), new long[] {0, 3, 4}, DenseTensor.of(new float[] {3, 4, 5, 6, 1, 2}, 3, 2)));
        assertThat(RowSparse.of(value.tensor())).isEqualTo(value);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        long[] ids = {0, 1, 2};
        refused(Reason.INVALID_ARGUMENT, "cannot have shape null", () -> RowSparse.of(null, ids, THREE_ROWS));
        refused(
                Reason.INVALID_ARGUMENT,
                "cannot have shape [-1, 2]",
                () -> RowSparse.of(new long[] {-1, 2}, ids, THREE_ROWS));
        refused(Reason.INVALID_ARGUMENT, "at least one dimension", () -> RowSparse.zeros(DataType.FLOAT));
        refused(Reason.INVALID_ARGUMENT, "at most 2147483639", () -> RowSparse.zeros(DataType.FLOAT, 1L << 31));
        refused(Reason.INVALID_ARGUMENT, "at most 2147483639", () -> RowSparse.zeros(DataType.FLOAT, 1L << 31, 0));
        refused(
                Reason.INVALID_ARGUMENT,
                "cannot have shape",
                () -> RowSparse.zeros(DataType.FLOAT, Long.MAX_VALUE, Long.MAX_VALUE));
        refused(Reason.UNSUPPORTED_DTYPE, "BOOL", () -> RowSparse.zeros(DataType.BOOL, 2, 2));
        refused(Reason.INVALID_ARGUMENT, "ids", () -> RowSparse.of(SHAPE, null, THREE_ROWS));
        refused(Reason.INVALID_ARGUMENT, "rows", () -> RowSparse.of(SHAPE, ids, (float[][]) null));
        refused(Reason.INVALID_ARGUMENT, "null", () -> RowSparse.of(SHAPE, ids, (INDArray) null));
        refused(Reason.INVALID_ARGUMENT, "null", () -> RowSparse.fromDense(null));
        refused(
                Reason.OUT_OF_RANGE,
                "[0, 5), given 5 at position 1",
                () -> RowSparse.of(SHAPE, new long[] {0, 5, 1}, THREE_ROWS));
        refused(
                Reason.OUT_OF_RANGE,
                "given -1 at position 2",
                () -> RowSparse.of(SHAPE, new long[] {0, 1, -1}, THREE_ROWS));
        refused(
                Reason.INVALID_ARGUMENT,
                "given 1 at positions 0 and 2; RowSparse.summing",
                () -> RowSparse.of(SHAPE, new long[] {1, 0, 1}, THREE_ROWS));
        refused(
                Reason.SHAPE_MISMATCH,
                "with 2 ids must have shape (2, 2), given (3, 2)",
                () -> RowSparse.of(SHAPE, new long[] {1, 0}, THREE_ROWS));
        refused(
                Reason.SHAPE_MISMATCH,
                "must have shape (3, 2), given (3, 3)",
                () -> RowSparse.of(SHAPE, ids, Nd4j.ones(3, 3)));
        refused(
                Reason.SHAPE_MISMATCH,
                "have 2 elements, given 1 in row 1",
                () -> RowSparse.of(SHAPE, ids, new float[][] {{1, 2}, {1}, {1, 2}}));
        refused(
                Reason.SHAPE_MISMATCH,
                "given null in row 0",
                () -> RowSparse.of(SHAPE, ids, new float[][] {null, {1, 2}, {1, 2}}));
        refused(Reason.INVALID_ARGUMENT, "at least one dimension", () -> RowSparse.fromDense(Nd4j.scalar(1f)));
    }

    private static void refused(Reason reason, String said, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).as(said).isNotNull().hasMessageContaining(said);
        assertThat(refusal.reason()).isEqualTo(reason);
    }
}
