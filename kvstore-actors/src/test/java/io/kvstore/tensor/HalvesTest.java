package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class HalvesTest {
    @Test
    void everyHalfSurvivesTheWayThroughFloat() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            boolean signalling = (bits & 0x7c00) == 0x7c00 && (bits & 0x3ff) != 0 && (bits & 0x200) == 0;
            short expected = (short) (signalling ? bits | 0x200 : bits);
            assertThat(Halves.floatToHalf(Halves.halfToFloat((short) bits)))
                    .as("half 0x%04x", bits)
                    .isEqualTo(expected);
        }
    }

    @Test
    void everyBfloat16SurvivesTheWayThroughFloat() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            boolean nan = (bits & 0x7f80) == 0x7f80 && (bits & 0x7f) != 0;
            short expected = (short) (nan ? bits | 0x40 : bits);
            assertThat(Halves.floatToBfloat16(Halves.bfloat16ToFloat((short) bits)))
                    .as("bfloat16 0x%04x", bits)
                    .isEqualTo(expected);
        }
    }

    @Test
    void halvesHaveTheValuesOfTheirFields() {
        for (int bits = 0; bits < 0x7c00; bits++) {
            int exponent = bits >>> 10;
            double fraction = bits & 0x3ff;
            double value = exponent == 0 ? fraction * 0x1p-24 : Math.scalb(1 + fraction / 1024, exponent - 15);
            assertThat((double) Halves.halfToFloat((short) bits)).isEqualTo(value);
            assertThat((double) Halves.halfToFloat((short) (bits | 0x8000))).isEqualTo(-value);
        }
        assertThat(Halves.halfToFloat((short) 0x7c00)).isEqualTo(Float.POSITIVE_INFINITY);
        assertThat(Halves.halfToFloat((short) 0xfc00)).isEqualTo(Float.NEGATIVE_INFINITY);
        assertThat(Halves.halfToFloat((short) 0x7e01)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({
        "0x1.002p0, 3c00", // half-way between 1 and the next: to the even one, down
        "0x1.006p0, 3c02", // half-way, the even one is above
        "0x1.002002p0, 3c01", // just above half-way
        "0x1.001ffep0, 3c00", // just below
        "0x1.ffcp15, 7bff", // 65504, the largest
        "0x1.ffdffep15, 7bff", // just below 65520
        "0x1.ffep15, 7c00", // 65520, half-way to 65536: infinity
        "0x1p16, 7c00",
        "0x1.fffffep127, 7c00",
        "0x1p-14, 0400", // the smallest normal
        "0x1.ff8p-15, 03ff", // the largest subnormal
        "0x1.ffcp-15, 0400", // half-way from there to the smallest normal
        "0x1p-24, 0001", // the smallest subnormal
        "0x1.8p-24, 0002", // half-way between one and two of them
        "0x1.4p-23, 0002", // half-way between two and three of them
        "0x1p-25, 0000", // half-way between none and one
        "0x1.000002p-25, 0001",
        "0x1p-149, 0000",
        "0x0p0, 0000",
    })
    void floatsAreRoundedToTheNearestHalfTiesToEven(String value, String bits) {
        short expected = (short) Integer.parseInt(bits, 16);
        assertThat(Halves.floatToHalf(Float.parseFloat(value))).isEqualTo(expected);
        assertThat(Halves.floatToHalf(-Float.parseFloat(value))).isEqualTo((short) (expected | 0x8000));
    }

    @ParameterizedTest
    @CsvSource({
        "0x1.01p0, 3f80", // half-way: to the even one, down
        "0x1.03p0, 3f82", // half-way, the even one is above
        "0x1.010002p0, 3f81",
        "0x1.fep127, 7f7f",
        "0x1.fffffep127, 7f80",
        "0x1p-133, 0001", // the smallest subnormal
        "0x1p-134, 0000",
        "0x0p0, 0000",
    })
    void floatsAreRoundedToTheNearestBfloat16TiesToEven(String value, String bits) {
        short expected = (short) Integer.parseInt(bits, 16);
        assertThat(Halves.floatToBfloat16(Float.parseFloat(value))).isEqualTo(expected);
        assertThat(Halves.floatToBfloat16(-Float.parseFloat(value))).isEqualTo((short) (expected | 0x8000));
    }

    @Test
    void anyNanStaysNan() {
        for (int bits : new int[] {0x7f800001, 0x7fc00000, 0x7fffffff, 0xff800001, 0xffffffff}) {
            float nan = Float.intBitsToFloat(bits);
            assertThat(Halves.halfToFloat(Halves.floatToHalf(nan))).isNaN();
            assertThat(Halves.bfloat16ToFloat(Halves.floatToBfloat16(nan))).isNaN();
        }
    }

    @Test
    void theNearestHalfIsTheOneThatNd4jCastsTo() {
        long seed = 16;
        Random random = new Random(seed);
        float[] values = new float[20_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.scalb(random.nextFloat() * 2 - 1, random.nextInt(46) - 28);
        }
        INDArray theirs = Nd4j.createFromArray(values).castTo(NdView.typeOf(DType.FLOAT16));
        short[] halves = (short[]) Tensor.copyOf(theirs).data();
        for (int i = 0; i < values.length; i++) {
            assertThat(Halves.floatToHalf(values[i]))
                    .as("seed %d, value %s", seed, Float.toHexString(values[i]))
                    .isEqualTo(halves[i]);
        }
    }
}
