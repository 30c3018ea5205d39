package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvstore.Key;
import org.junit.jupiter.api.Test;

class NoiseTest {
    private static final int MANY = 100_000;

    private static double[] deviates(Noise noise) {
        double[] deviates = new double[MANY];
        for (int i = 0; i < MANY; i++) {
            deviates[i] = noise.normal(i);
        }
        return deviates;
    }

    private static double correlation(double[] x, double[] y, int shift) {
        double sum = 0;
        for (int i = shift; i < MANY; i++) {
            sum += x[i] * y[i - shift];
        }
        return sum / (MANY - shift);
    }

    @Test
    void deviatesAreStandardNormal() {
        double[] x = deviates(new Noise(0, Key.of("w"), 1));
        double mean = 0;
        double fourth = 0;
        int inside = 0;
        for (double v : x) {
            mean += v / MANY;
            fourth += v * v * v * v / MANY;
            inside += Math.abs(v) < 1 ? 1 : 0;
        }
        assertThat(mean).isCloseTo(0, within(0.015));
        assertThat(correlation(x, x, 0)).isCloseTo(1, within(0.02));
        assertThat(fourth).isCloseTo(3, within(0.15));
        assertThat(inside / (double) MANY).isCloseTo(0.6827, within(0.007));
    }

    @Test
    void seedKeyCountAndElementEachGiveOtherNoise() {
        double[] x = deviates(new Noise(0, Key.of("w"), 1));
        assertThat(correlation(x, x, 1)).isCloseTo(0, within(0.015));
        Noise[] others = {
            new Noise(1, Key.of("w"), 1),
            new Noise(0, Key.of("v"), 1),
            new Noise(0, Key.of("w"), 2),
            new Noise(0, Key.of(0), 1)
        };
        for (Noise other : others) {
            assertThat(correlation(x, deviates(other), 0)).isCloseTo(0, within(0.015));
        }
    }

    @Test
    void sameArgumentsGiveTheSameBits() {
        assertThat(deviates(new Noise(9, Key.of(4), 7))).isEqualTo(deviates(new Noise(9, Key.of(4), 7)));
    }
}
