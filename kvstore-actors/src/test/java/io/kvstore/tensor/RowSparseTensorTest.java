package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RowSparseTensorTest {
    private static final DenseTensor TWO_ROWS = DenseTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    @Test
    void rowsStandUnderTheirIds() {
        long[] ids = {1, 4};
        RowSparseTensor tensor = RowSparseTensor.of(Shape.of(5, 3), ids, TWO_ROWS);
        ids[0] = 0;
        tensor.ids()[0] = 0;
        assertThat(tensor.ids()).containsExactly(1, 4);
        assertThat(tensor.shape()).isEqualTo(Shape.of(5, 3));
        assertThat(tensor.dtype()).isEqualTo(DType.FLOAT32);
        assertThat(tensor.bytes()).isEqualTo(2 * 3 * 4 + 2 * 8);
        assertThat(tensor).isEqualTo(RowSparseTensor.of(Shape.of(5, 3), new long[] {1, 4}, TWO_ROWS.copy()));
        assertThat(tensor).isNotEqualTo(RowSparseTensor.of(Shape.of(6, 3), new long[] {1, 4}, TWO_ROWS));
        assertThat(tensor).isNotEqualTo(RowSparseTensor.of(Shape.of(5, 3), new long[] {1, 3}, TWO_ROWS));
    }

    @Test
    void noRowsAreAllowed() {
        RowSparseTensor none =
                RowSparseTensor.of(Shape.of(5, 3), new long[0], DenseTensor.zeros(DType.FLOAT32, Shape.of(0, 3)));
        assertThat(none.bytes()).isZero();
    }

    @Test
    void gatheredRowsAreSortedUniqueCopies() {
        DenseTensor table = DenseTensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, 4, 2);
        RowSparseTensor gathered = RowSparseTensor.gather(table, new long[] {3, 0, 3});
        RowSparseTensor expected =
                RowSparseTensor.of(Shape.of(4, 2), new long[] {0, 3}, DenseTensor.of(new float[] {1, 2, 7, 8}, 2, 2));
        assertThat(gathered).isEqualTo(expected);
        table.fillZero(0, 8);
        assertThat(gathered).isEqualTo(expected);
        assertThat(RowSparseTensor.gather(table, new long[0]).ids()).isEmpty();
        assertThatThrownBy(() -> RowSparseTensor.gather(table, new long[] {4}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("outside [0, 4)");
    }

    @Test
    void rowsGoToTheirPlacesAndOthersStay() {
        RowSparseTensor rows = RowSparseTensor.of(Shape.of(4, 3), new long[] {0, 2}, TWO_ROWS);
        assertThat(rows.toDense()).isEqualTo(DenseTensor.of(new float[] {1, 2, 3, 0, 0, 0, 4, 5, 6, 0, 0, 0}, 4, 3));
        DenseTensor table = DenseTensor.of(new float[] {9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9}, 4, 3);
        rows.copyRowsInto(table);
        assertThat(table).isEqualTo(DenseTensor.of(new float[] {1, 2, 3, 9, 9, 9, 4, 5, 6, 9, 9, 9}, 4, 3));
    }

    @Test
    void releaseReleasesTheRows() {
        BufferPool pool = new BufferPool(1000);
        RowSparseTensor.of(Shape.of(5, 3), new long[] {0, 1}, pool.copyOf(TWO_ROWS))
                .release();
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void idsOutOfOrderOrRangeAreRefused() {
        assertRefused("row ids must be sorted and unique, given 1 after 4", 4, 1);
        assertRefused("row ids must be sorted and unique, given 2 after 2", 2, 2);
        assertRefused("row id 5 at position 1 is outside [0, 5)", 4, 5);
        assertRefused("row id -1 at position 0 is outside [0, 5)", -1, 2);
    }

    @Test
    void rowsOfAnotherShapeAreRefused() {
        assertRefused("rows must have shape (3, 3) for 3 ids of a tensor of shape (5, 3), given (2, 3)", 0, 1, 2);
        assertThatThrownBy(() -> RowSparseTensor.of(Shape.of(5, 4), new long[] {0, 1}, TWO_ROWS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("given (2, 3)");
        assertThatThrownBy(() -> RowSparseTensor.of(Shape.of(), new long[0], TWO_ROWS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one dimension");
    }

    private static void assertRefused(String message, long... ids) {
        assertThatThrownBy(() -> RowSparseTensor.of(Shape.of(5, 3), ids, TWO_ROWS))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
