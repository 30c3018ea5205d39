package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A pull into an array of another type casts as MXNet's does, to the bit, wherever C defines the result. To bfloat16 only
 * what needs no rounding, see {@link DeliberateDifferencesTest}.
 */
@Tag("thorough")
class PullCastsTest {
    private static final int LENGTH = 2000;
    private static final int RUNS = 5;

    @RegisterExtension
    static final Differential STORES = new Differential();

    @ParameterizedTest
    @EnumSource(MxType.class)
    void castsToEveryTypeAsMxnetDoes(MxType from) {
        Differential.forSeeds(RUNS, seed -> {
            Random random = new Random(seed);
            for (MxType to : MxType.values()) {
                compare(values(random, from, to), to);
            }
        });
    }

    private static void compare(Sample value, MxType to) {
        Sample zeros = Sample.of(to, value.shape(), new double[value.size()]);
        INDArray out = zeros.toNd();
        try (Both both = STORES.open("local");
                MxArray expected = zeros.toMx(1)) {
            both.init("value", value);
            both.ours().pull("value", out);
            both.theirs().pull("value", List.of(expected));
            assertThat(Sample.of(out).difference(Sample.of(expected)))
                    .as("%s to %s", value.type(), to)
                    .isEmpty();
        }
    }

    /** Of an integer any bits; of a floating type what {@code to} can hold, and all magnitudes if that floats, too. */
    private static Sample values(Random random, MxType from, MxType to) {
        if (to == MxType.BFLOAT16) {
            return Sample.small(random, from, LENGTH);
        }
        if (Sample.isInteger(from)) {
            return Sample.random(random, from, LENGTH);
        }
        DoubleStream numbers = switch (to) {
            case UINT8 -> random.doubles(LENGTH, 0, 255);
            case INT8 -> random.doubles(LENGTH, -128, 127);
            case INT32, INT64 -> random.doubles(LENGTH, -60_000, 60_000);
            default -> random.doubles(LENGTH, -1, 1).map(x -> Math.scalb(x, random.nextInt(60) - 40));
        };
        double[] values = numbers.toArray();
        if (!Sample.isInteger(to)) {
            double[] special = {
                0.0, -0.0, 65504, 65519, 65520, -1e30, 0x1p-14, 0x1p-24, 0x1p-25, 0x1.8p-25, 0x1.002p0, 0x1.006p0
            };
            System.arraycopy(special, 0, values, 0, special.length);
        }
        return Sample.of(from, new int[] {LENGTH}, Arrays.copyOf(values, LENGTH));
    }
}
