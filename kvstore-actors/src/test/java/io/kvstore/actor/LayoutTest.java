package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LayoutTest {
    private static final long MIB = 1 << 20;

    @Test
    void aSliceIsFullButTheLast() {
        Layout layout = Layout.sliced(Shape.of(100_001), DType.FLOAT32, false, 160_000);
        assertThat(IntStream.range(0, layout.slices()).map(layout::length)).containsExactly(40_000, 40_000, 20_001);
        assertThat(layout.from(2)).isEqualTo(80_000);
        assertThat(layout.shapeOf(2)).isEqualTo(Shape.of(20_001));
    }

    @ParameterizedTest
    @CsvSource({"0,1", "1,1", "262143,1", "262144,1", "262145,2", "524288,2", "524289,3"})
    void oneMoreElementThanASliceMakesTwo(long elements, int slices) {
        Layout layout = Layout.sliced(Shape.of(elements), DType.FLOAT32, false, MIB);
        assertThat(layout.slices()).isEqualTo(slices);
        assertThat(IntStream.range(0, slices).mapToLong(layout::length).sum()).isEqualTo(elements);
    }

    @Test
    void oneSliceKeepsTheShape() {
        assertThat(Layout.sliced(Shape.of(3, 4), DType.FLOAT64, false, MIB).shapeOf(0))
                .isEqualTo(Shape.of(3, 4));
        assertThat(Layout.whole(Shape.of(), DType.FLOAT32, false).slices()).isEqualTo(1);
    }

    @Test
    void slicesOfARowSparseKeyAreWholeRows() {
        Layout layout = Layout.sliced(Shape.of(10, 3), DType.FLOAT32, true, 4 * 3 * 4 + 5);
        assertThat(layout.sliceElements()).isEqualTo(12);
        assertThat(layout.shapeOf(0)).isEqualTo(Shape.of(4, 3));
        assertThat(layout.shapeOf(2)).isEqualTo(Shape.of(2, 3));
        assertThat(Layout.sliced(Shape.of(10, 3), DType.FLOAT32, true, 5).sliceElements())
                .isEqualTo(3);
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> new Layout(Shape.of(3), DType.FLOAT32, false, 0))
                .hasMessageContaining("given 0");
        assertThatThrownBy(() -> new Layout(Shape.of(3, 4), DType.FLOAT32, true, 5))
                .hasMessageContaining("whole rows of 4");
    }
}
