package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CastsTest {
    static Stream<Arguments> pairs() {
        return Arrays.stream(DType.values())
                .flatMap(from -> Arrays.stream(DType.values()).map(to -> Arguments.of(from, to)));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void smallWholeNumbersAreTheSameInEveryType(DType from, DType to) {
        double[] values = IntStream.range(0, 100).mapToDouble(i -> i).toArray();
        DenseTensor source = Casts.cast(DenseTensor.of(values), from);
        DenseTensor result = Casts.cast(source, to);
        assertThat(result.dtype()).isEqualTo(to);
        for (int i = 0; i < values.length; i++) {
            assertThat(Casts.getDouble(to, result.data(), i)).isEqualTo(values[i]);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void onlyTheNamedRangeIsConverted(DType from, DType to) {
        DenseTensor source = Casts.cast(DenseTensor.of(new double[] {1, 2, 3, 4, 5}), from);
        DenseTensor target = Casts.cast(DenseTensor.of(new double[] {9, 9, 9, 9, 9}), to);
        Casts.convert(from, source.data(), 1, to, target.data(), 2, 2);
        assertThat(target).isEqualTo(Casts.cast(DenseTensor.of(new double[] {9, 9, 2, 3, 9}), to));
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void castToTheSameTypeIsACopyBitForBit(DType dtype) {
        DenseTensor value = Values.random(dtype, new Random(5), 40);
        DenseTensor copy = Casts.cast(value, dtype);
        assertThat(copy).isEqualTo(value);
        assertThat(copy.data()).isNotSameAs(value.data());
    }

    @Test
    void floatsAreCutTowardsZeroAndSaturateAsIntegers() {
        double[] values = {2.9, -2.9, 1e30, -1e30, Double.NaN, Double.POSITIVE_INFINITY, 300, -300};
        assertThat(longs(values, DType.INT8)).containsExactly(2, -2, 127, -128, 0, 127, 127, -128);
        assertThat(longs(values, DType.UINT8)).containsExactly(2, 0, 255, 0, 0, 255, 255, 0);
        assertThat(longs(values, DType.INT32))
                .containsExactly(2, -2, Integer.MAX_VALUE, Integer.MIN_VALUE, 0, Integer.MAX_VALUE, 300, -300);
        assertThat(longs(values, DType.INT64))
                .containsExactly(2, -2, Long.MAX_VALUE, Long.MIN_VALUE, 0, Long.MAX_VALUE, 300, -300);
    }

    @Test
    void integersKeepTheirLowBitsAsNarrowerIntegers() {
        DenseTensor wide = DenseTensor.zeros(DType.INT64, Shape.of(4));
        System.arraycopy(new long[] {300, -1, 1L << 40, 200}, 0, wide.data(), 0, 4);
        assertThat(longs(wide, DType.INT8)).containsExactly(44, -1, 0, -56);
        assertThat(longs(wide, DType.UINT8)).containsExactly(44, 255, 0, 200);
        assertThat(longs(wide, DType.INT32)).containsExactly(300, -1, 0, 200);
    }

    @Test
    void largeIntegersAreRoundedToTheNearestFloat() {
        long value = (1L << 60) + (1L << 36) + 1; // just above half-way between two floats
        DenseTensor wide = DenseTensor.zeros(DType.INT64, Shape.of(1));
        ((long[]) wide.data())[0] = value;
        assertThat(Casts.cast(wide, DType.FLOAT32).floats()[0]).isEqualTo(Math.nextUp(0x1p60f));
        assertThat(Casts.cast(wide, DType.FLOAT64).doubles()[0]).isEqualTo((double) value);
    }

    @Test
    void aDoubleIsRoundedToTheNearestFloat() {
        assertThat(Casts.cast(DenseTensor.of(new double[] {1 + 0x1p-24 + 0x1p-50, 1e300, -0.0}), DType.FLOAT32))
                .isEqualTo(DenseTensor.of(new float[] {Math.nextUp(1f), Float.POSITIVE_INFINITY, -0f}));
    }

    private static long[] longs(double[] values, DType to) {
        return longs(DenseTensor.of(values), to);
    }

    private static long[] longs(DenseTensor values, DType to) {
        DenseTensor result = Casts.cast(values, to);
        return IntStream.range(0, values.length())
                .mapToLong(i -> Casts.getLong(to, result.data(), i))
                .toArray();
    }
}
