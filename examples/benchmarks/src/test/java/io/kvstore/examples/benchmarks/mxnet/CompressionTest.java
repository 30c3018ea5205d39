package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.compression.GradientCompression;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.factory.Nd4j;

/** Gradients of {@code device} stores packed to 2 bits give the same bits in both stores, push after push. */
@Tag("thorough")
class CompressionTest {
    private static final int PUSHES = 100;
    private static final int RUNS = 5;

    @RegisterExtension
    static final Differential STORES = new Differential();

    /** With an updater weights add up, so that a wrong residual shows at once and for good. */
    @ParameterizedTest
    @CsvSource({"1, false", "4, false", "1, true", "4, true"})
    void packsAHundredPushesToTwoBitsAsMxnetDoes(int devices, boolean updater) {
        Differential.forSeeds(RUNS, seed -> {
            Random random = new Random(seed);
            Map<String, ?> settings = Map.of("type", "2bit", "threshold", 0.1 + random.nextDouble());
            int[] shape = random.ints(1 + random.nextInt(4), 1, 8).toArray();
            try (Both both = STORES.open("device")) {
                both.ours().setGradientCompression(settings);
                both.theirs().setGradientCompression(settings);
                if (updater) {
                    both.ours().setUpdater((key, received, stored) -> stored.addi(received));
                    both.theirs().setUpdater((key, received, stored) -> stored.set(sum(stored, received)));
                }
                both.init("weight", Sample.random(random, MxType.FLOAT32, shape));
                assertThat(both.difference("weight"))
                        .as("what init and pull do not pack")
                        .isEmpty();
                for (int push = 1; push <= PUSHES; push++) {
                    both.push("weight", gradients(random, devices, shape));
                    assertThat(both.difference("weight"))
                            .as("%s after push %d of %s", settings, push, Arrays.toString(shape))
                            .isEmpty();
                }
            }
        });
    }

    private static Sample[] gradients(Random random, int devices, int[] shape) {
        return Stream.generate(() -> Sample.random(random, MxType.FLOAT32, shape))
                .limit(devices)
                .toArray(Sample[]::new);
    }

    private static float[] sum(MxArray a, MxArray b) {
        float[] sum = a.toFloats();
        float[] added = b.toFloats();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += added[i];
        }
        return sum;
    }

    private static Sample number(double value) {
        return Sample.of(MxType.FLOAT32, new int[] {1}, value);
    }

    private static void assertRefused(ThrowingCallable call, Reason reason) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    /** Release 1.9.1 has 2 bits alone; 1 bit came with MXNet 2.0, whose arithmetic this project's has. */
    @Test
    void packsToOneBitWhichThisMxnetCannot() {
        try (Both both = STORES.open("device")) {
            assertThatThrownBy(() -> both.theirs().setGradientCompression(Map.of("type", "1bit", "threshold", 0.5)))
                    .hasMessageContaining("Unknown type for gradient compression 1bit");
            both.ours().setGradientCompression(GradientCompression.oneBit(0.5));
            both.ours().init("weight", Nd4j.createFromArray(0f, 0f));
            both.ours().push("weight", Nd4j.createFromArray(0.75f, -3));
            assertThat(both.ours().pull("weight").toFloatVector()).containsExactly(1, -1);
        }
    }

    /** MXNet's {@code local} store takes the setting and does not pack; here it is refused, so that nobody counts on it. */
    @Test
    void refusesToPackWhereNothingWouldBePacked() {
        Map<String, ?> settings = Map.of("type", "2bit", "threshold", 0.5);
        try (Both both = STORES.open("local")) {
            both.theirs().setGradientCompression(settings);
            both.init("weight", number(0));
            both.push("weight", number(0.25), number(0.5));
            assertThat(both.mxnets("weight")).isEqualTo(number(0.75));
            assertRefused(() -> both.ours().setGradientCompression(settings), Reason.UNSUPPORTED);
        }
    }

    /** One NaN stays in MXNet's residual for ever: the element is never sent again, without a word. Here it is refused. */
    @Test
    void refusesAGradientThatWouldSilenceItsElement() {
        Map<String, ?> settings = Map.of("type", "2bit", "threshold", 0.5);
        try (Both both = STORES.open("device");
                MxArray broken = MxArray.of(new float[] {Float.NaN})) {
            both.ours().setGradientCompression(settings);
            both.theirs().setGradientCompression(settings);
            both.init("weight", number(1));
            both.theirs().push("weight", List.of(broken));
            assertRefused(() -> both.ours().push("weight", Nd4j.createFromArray(Float.NaN)), Reason.INVALID_ARGUMENT);
            both.push("weight", number(1));
            assertThat(both.mxnets("weight")).isEqualTo(number(0));
            assertThat(both.ours("weight")).isEqualTo(number(0.5));
        }
    }
}
