package io.kvstore.examples.benchmarks.mxnet;

import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random sequences of init, broadcast, push, pushPull and pull, over keys of every element type that both stores have and
 * 1 to 8 devices, give the same bits in both stores.
 */
@Tag("thorough")
class DenseSequencesTest {
    private static final int RUNS = 60;

    @RegisterExtension
    static final Differential STORES = new Differential();

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void sumsAndAssignsAsMxnetDoes(String type) {
        Differential.forSeeds(RUNS, seed -> {
            try (Both both = STORES.open(type)) {
                new DenseSequence(new Random(seed), both).run();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void givesTheSameSumsToAnUpdaterAsMxnetDoes(String type) {
        Differential.forSeeds(RUNS, seed -> {
            try (Both both = STORES.open(type)) {
                both.ours()
                        .setUpdater(
                                (key, received, stored) -> updated(key.name(), Sample.of(received), Sample.of(stored))
                                        .into(stored));
                both.theirs()
                        .setUpdater((key, received, stored) ->
                                stored.set(updated(key.toString(), Sample.of(received), Sample.of(stored))
                                        .bytes()));
                new DenseSequence(new Random(seed), both).run();
            }
        });
    }

    /** Half the value plus once or twice the sum, by the key; whole bytes of integers. */
    private static Sample updated(String key, Sample received, Sample stored) {
        int factor = 1 + Math.floorMod(key.hashCode(), 2);
        if (Sample.isInteger(stored.type())) {
            byte[] bytes = stored.bytes().clone();
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (3 * bytes[i] + factor * received.bytes()[i]);
            }
            return new Sample(stored.type(), stored.shape(), bytes);
        }
        double[] values = stored.doubles();
        double[] sums = received.doubles();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] / 2 + factor * sums[i];
        }
        return Sample.of(stored.type(), stored.shape(), values);
    }
}
