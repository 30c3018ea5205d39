package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void lengthIsTheProductOfTheExtents() {
        assertThat(Shape.of().length()).isEqualTo(1);
        assertThat(Shape.of(3, 0, 5).length()).isZero();
        assertThat(Shape.of(3, 4, 5).length()).isEqualTo(60);
        assertThat(Shape.of(3, 4, 5).rowLength()).isEqualTo(20);
    }

    @Test
    void aShapeCannotBeChangedFromOutside() {
        long[] extents = {2, 3};
        Shape shape = Shape.of(extents);
        extents[0] = 9;
        shape.toArray()[1] = 9;
        assertThat(shape).isEqualTo(Shape.of(2, 3)).hasToString("(2, 3)");
    }

    @Test
    void impossibleExtentsAreRefused() {
        assertThatThrownBy(() -> Shape.of(2, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("negative extent in shape (2, -1)");
        assertThatThrownBy(() -> Shape.of(1L << 32, 1L << 32)).isInstanceOf(ArithmeticException.class);
    }
}
