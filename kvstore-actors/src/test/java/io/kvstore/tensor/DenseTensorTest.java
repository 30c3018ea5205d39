package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DenseTensorTest {
    private final BufferPool pool = new BufferPool(1000);

    @Test
    void equalityIsBitByBit() {
        DenseTensor zero = DenseTensor.of(new float[] {0f});
        assertThat(zero).isEqualTo(DenseTensor.of(new float[] {0f})).isNotEqualTo(DenseTensor.of(new float[] {-0f}));
        assertThat(DenseTensor.of(new double[] {0d})).isNotEqualTo(DenseTensor.of(new double[] {-0d}));
        float otherNan = Float.intBitsToFloat(0x7fc00001);
        assertThat(DenseTensor.of(new float[] {Float.NaN}))
                .isEqualTo(DenseTensor.of(new float[] {Float.NaN}))
                .isNotEqualTo(DenseTensor.of(new float[] {otherNan}));
        double otherDoubleNan = Double.longBitsToDouble(0x7ff8000000000001L);
        assertThat(DenseTensor.of(new double[] {Double.NaN}))
                .isEqualTo(DenseTensor.of(new double[] {Double.NaN}))
                .isNotEqualTo(DenseTensor.of(new double[] {otherDoubleNan}));
    }

    @Test
    void shapeAndTypeArePartOfEquality() {
        DenseTensor value = DenseTensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        assertThat(value).isNotEqualTo(DenseTensor.of(new float[] {1, 2, 3, 4}));
        assertThat(DenseTensor.zeros(DType.INT8, Shape.of(2)))
                .isNotEqualTo(DenseTensor.zeros(DType.UINT8, Shape.of(2)));
        assertThat(DenseTensor.zeros(DType.FLOAT16, Shape.of(2)))
                .isNotEqualTo(DenseTensor.zeros(DType.BFLOAT16, Shape.of(2)));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void oneOtherElementMakesAnotherTensor(DType dtype) {
        DenseTensor value = Values.random(dtype, new Random(4), 3, 4);
        DenseTensor copy = value.copy();
        assertThat(copy).isEqualTo(value).hasSameHashCodeAs(value);
        Kernels.add(
                dtype,
                copy.data(),
                11,
                Casts.cast(DenseTensor.of(new float[] {64}), dtype).data(),
                0,
                1);
        assertThat(copy).isNotEqualTo(value);
    }

    @Test
    void aUsersTensorIsACopyThatNeedsNoRelease() {
        float[] values = {1, 2};
        DenseTensor tensor = DenseTensor.of(values);
        values[0] = 9;
        assertThat(tensor.floats()).containsExactly(1, 2);
        tensor.release();
        tensor.release();
        assertThat(tensor.retain().floats()).containsExactly(1, 2);
        assertThat(tensor.isExclusive()).isFalse();
    }

    @Test
    void aPooledTensorIsExclusiveWhileItHasOneHolder() {
        DenseTensor tensor = pool.zeros(DType.FLOAT32, Shape.of(3));
        assertThat(tensor.isExclusive()).isTrue();
        assertThat(tensor.retain()).isSameAs(tensor);
        assertThat(tensor.isExclusive()).isFalse();
        tensor.release();
        assertThat(tensor.isExclusive()).isTrue();
        tensor.release();
        assertThat(tensor.isExclusive()).isFalse();
    }

    @Test
    void aReleasedTensorCannotBeReadAndSaysSo() {
        DenseTensor tensor = pool.zeros(DType.FLOAT32, Shape.of(3));
        tensor.release();
        assertThatThrownBy(tensor::floats)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tensor float32(3,) was released");
        assertThatThrownBy(() -> tensor.read(0, new float[3], 0, 3)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tensor::copy).isInstanceOf(IllegalStateException.class);
        assertThat(tensor).hasToString("float32(3,)[released]");
        assertThat(pool.idleBytes()).isEqualTo(12);
    }

    @Test
    void valuesMustFitTheShape() {
        assertThatThrownBy(() -> DenseTensor.of(new float[] {1, 2, 3}, 2, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("shape (2, 2) needs 4 values, given 3");
        assertThatThrownBy(() -> DenseTensor.zeros(DType.INT8, Shape.of(1L << 20, 1L << 20)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at most " + DenseTensor.MAX_LENGTH);
    }

    @Test
    void textShowsTypeShapeAndTheFirstElements() {
        assertThat(DenseTensor.of(new float[] {1, 2.5f})).hasToString("float32(2,)[1.0, 2.5]");
        assertThat(DenseTensor.zeros(DType.INT64, Shape.of(3, 3)))
                .hasToString("int64(3, 3)[0, 0, 0, 0, 0, 0, 0, 0, ...]");
        DenseTensor bytes = DenseTensor.zeros(DType.UINT8, Shape.of(1));
        ((byte[]) bytes.data())[0] = -1;
        assertThat(bytes).hasToString("uint8(1,)[255]");
        assertThat(Casts.cast(DenseTensor.of(new float[] {1.5f}), DType.FLOAT16))
                .hasToString("float16(1,)[1.5]");
    }

    @Test
    void bytesAreElementsTimesTheirSize() {
        assertThat(DenseTensor.zeros(DType.BFLOAT16, Shape.of(3, 5)).bytes()).isEqualTo(30);
        assertThat(DenseTensor.zeros(DType.FLOAT64, Shape.of()).bytes()).isEqualTo(8);
        assertThat(DenseTensor.zeros(DType.FLOAT64, Shape.of(4, 0)).bytes()).isZero();
    }
}
