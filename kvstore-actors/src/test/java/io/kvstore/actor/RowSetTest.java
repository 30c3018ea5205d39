package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import org.junit.jupiter.api.Test;

class RowSetTest {
    private static final Shape TABLE = Shape.of(5, 2);

    private static DenseTensor table() {
        return DenseTensor.of(new float[] {1, 1, 2, 2, 3, 3, 4, 4, 5, 5}, 5, 2);
    }

    @Test
    void onlyTheRowsNotedAreZeroed() {
        RowSet rows = RowSet.of(TABLE, new long[] {3});
        rows.add(new long[] {0});
        rows.add(new long[0]);
        rows.add(new long[] {3});
        DenseTensor table = table();
        rows.zero(table);
        assertThat(table.floats()).containsExactly(0, 0, 2, 2, 3, 3, 0, 0, 5, 5);
    }

    @Test
    void whatWasZeroedIsForgotten() {
        RowSet rows = RowSet.of(TABLE, new long[] {1});
        rows.zero(table());
        rows.add(new long[] {2});
        DenseTensor table = table();
        rows.zero(table);
        assertThat(table.floats()).containsExactly(1, 1, 2, 2, 0, 0, 4, 4, 5, 5);
    }

    @Test
    void asManyNotesAsRowsAreTheWholeTable() {
        RowSet rows = RowSet.of(TABLE, new long[] {0, 1});
        rows.add(new long[] {0, 1});
        rows.add(new long[] {0});
        DenseTensor table = table();
        rows.zero(table);
        assertThat(table.floats()).containsOnly(0);
    }

    @Test
    void allRowsAreZeroedOnce() {
        RowSet rows = RowSet.of(TABLE, new long[0]);
        rows.addAll();
        rows.add(new long[] {1});
        DenseTensor table = table();
        rows.zero(table);
        assertThat(table.floats()).containsOnly(0);
        DenseTensor next = table();
        rows.zero(next);
        assertThat(next).isEqualTo(table());
    }

    @Test
    void tablesWithoutElementsAreTaken() {
        for (Shape shape : new Shape[] {Shape.of(0, 3), Shape.of(1L << 40, 0), Shape.of(0)}) {
            RowSet rows = RowSet.of(shape, new long[0]);
            if (shape.extent(0) > 0) {
                rows.add(new long[] {1L << 39});
            }
            DenseTensor table = DenseTensor.zeros(io.kvstore.tensor.DType.FLOAT32, shape);
            rows.zero(table);
            assertThat(table.length()).isZero();
        }
    }
}
