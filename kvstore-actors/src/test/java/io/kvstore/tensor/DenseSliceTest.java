package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class DenseSliceTest {
    private final DenseTensor whole = DenseTensor.of(new float[] {0, 1, 2, 3, 4, 5});

    @Test
    void readsItsElementsInPlace() {
        DenseSlice slice = new DenseSlice(whole, 2, Shape.of(3));
        float[] read = new float[4];
        slice.read(1, read, 1, 2);
        assertThat(read).containsExactly(0, 3, 4, 0);
        assertThat(slice.length()).isEqualTo(3);
        assertThat(slice.arrayOrNull()).isNull();
        assertThat(new DenseSlice(whole, 0, Shape.of(3)).arrayOrNull()).isSameAs(whole.data());
    }

    @Test
    void holdsItsTensorUntilReleased() {
        BufferPool pool = new BufferPool(1 << 20);
        DenseTensor pooled = pool.copyOf(whole);
        DenseSlice slice = new DenseSlice(pooled, 4, Shape.of(2));
        pooled.release();
        assertThat(pool.liveBytes()).isEqualTo(24);
        slice.release();
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void liesWithinItsTensor() {
        assertThatThrownBy(() -> new DenseSlice(whole, 4, Shape.of(3))).hasMessageContaining("does not lie within");
        assertThatThrownBy(() -> new DenseSlice(whole, -1, Shape.of(3))).hasMessageContaining("does not lie within");
    }
}
