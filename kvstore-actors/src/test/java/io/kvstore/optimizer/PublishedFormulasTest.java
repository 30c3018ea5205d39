package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fifty random updates of tensors of random length under random settings, against {@link References}. */
class PublishedFormulasTest {
    private static final int UPDATES = 50;
    private static final int RUNS = 10;
    private static final Key KEY = Key.of(7);
    private static final BufferPool POOL = new BufferPool(1 << 20);

    static List<String> names() {
        return List.copyOf(new TreeMap<>(References.ALL).keySet());
    }

    @Test
    void everyBuiltInRuleHasAReference() {
        assertThat(names())
                .containsExactlyElementsOf(new TreeSet<>(Rules.all(List.of()).keySet()));
    }

    @ParameterizedTest
    @MethodSource("names")
    void float64FollowsTheFormula(String name) {
        for (int seed = 0; seed < RUNS; seed++) {
            Random random = new Random(seed);
            Map<String, Object> settings = settings(name, seed, random);
            DenseTensor weight = DenseTensor.of(values(random, length(random), 1));
            assertThat(error(name, settings, weight, random, UPDATES))
                    .as("%s%s, seed %d", name, settings, seed)
                    .isLessThan(1e-12);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void float32FollowsTheFormula(String name) {
        for (int seed = 0; seed < RUNS; seed++) {
            Random random = new Random(seed);
            Map<String, Object> settings = settings(name, seed, random);
            DenseTensor weight = DenseTensor.of(floats(values(random, length(random), 1)));
            assertThat(error(name, settings, weight, random, UPDATES))
                    .as("%s%s, seed %d", name, settings, seed)
                    .isLessThan(1e-6);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"lars", "lamb"})
    void sumsOverSeveralBlocksFollowTheFormula(String name) {
        Random random = new Random(1);
        Map<String, Object> settings = settings(name, 1, random);
        DenseTensor weight = DenseTensor.of(floats(values(random, 2 * (1 << 16) + 7, 1)));
        assertThat(error(name, settings, weight, random, 3))
                .as("%s%s, seed 1", name, settings)
                .isLessThan(1e-6);
    }

    private static int length(Random random) {
        return 1 + random.nextInt(100);
    }

    /** The greatest difference after any update, relative to the greatest weight so far, at least 1. */
    private static double error(
            String name, Map<String, Object> settings, DenseTensor weight, Random random, int updates) {
        Optimizer optimizer = Optimizer.of(name, settings);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        double[] expected = doubles(weight);
        double[][] remembered = new double[weight.length()][3];
        Map<String, Double> all = complete(optimizer);
        double scale = 1; // of the first weights
        double worst = 0;
        for (int t = 1; t <= updates; t++) {
            double[] gradient = doubles(floats(values(random, weight.length(), 2)));
            DenseTensor given =
                    weight.data() instanceof float[] ? DenseTensor.of(floats(gradient)) : DenseTensor.of(gradient);
            OptimizerKernel.apply(optimizer, KEY, t, weight, given, states);
            References.ALL.get(name).update(expected, gradient, remembered, new References.Update(t, all));
            double[] actual = doubles(weight);
            for (int i = 0; i < actual.length; i++) {
                scale = Math.max(scale, Math.abs(expected[i]));
                worst = Math.max(worst, Math.abs(actual[i] - expected[i]) / scale);
            }
        }
        return worst;
    }

    private static Map<String, Double> complete(Optimizer optimizer) {
        Map<String, Double> all = new HashMap<>(optimizer.settings().asMap());
        all.put("learning_rate", optimizer.learningRate());
        all.put("wd", optimizer.common().wd());
        all.put("rescale_grad", optimizer.common().rescaleGrad());
        all.put("clip_gradient", optimizer.common().clipGradient());
        return all;
    }

    /**
     * Numbers that float32 has, too: it is arithmetic that is tested. Rates and decays have few digits, for where {@code 1 -
     * lr * wd} is a factor its one rounding would count at every update. Each seed in five has no momentum.
     */
    private static Map<String, Object> settings(String name, int seed, Random random) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("learning_rate", (1 + random.nextInt(100)) / 1024.0);
        settings.put("wd", random.nextInt(80) / 4096.0);
        settings.put("rescale_grad", number(random, 0.1, 1));
        settings.put("clip_gradient", random.nextInt(3) == 0 ? -1 : number(random, 0.2, 1.5));
        for (String own :
                Settings.defaultsOf(Rules.all(List.of()).get(name)).asMap().keySet()) {
            settings.put(
                    own,
                    switch (own) {
                        case "momentum" -> seed % 5 == 0 ? 0 : number(random, 0.1, 0.9);
                        case "gamma2" -> number(random, 0, 0.9);
                        case "beta1", "beta2", "rho", "gamma1" -> number(random, 0.5, 0.9);
                        case "centered", "correct_bias", "bias_correction", "momentum_correction" -> seed % 2 == 0;
                        case "beta" -> number(random, 1, 2);
                        case "clip_weights" -> random.nextBoolean() ? -1 : 1.5;
                        case "lower_bound" -> random.nextBoolean() ? -1 : 0.5;
                        case "upper_bound" -> random.nextBoolean() ? -1 : 4;
                        case "wd_lh" -> seed % 5 == 0 ? 0 : random.nextInt(200) / 4096.0;
                        case "seed" -> random.nextInt(1000);
                        default -> number(random, 0.005, 0.05);
                    });
        }
        return settings;
    }

    private static double number(Random random, double least, double greatest) {
        return (float) (least + (greatest - least) * random.nextDouble());
    }

    private static double[] values(Random random, int length, double scale) {
        return random.doubles(length, -scale, scale).toArray();
    }

    private static float[] floats(double[] values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return floats;
    }

    private static double[] doubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    private static double[] doubles(DenseTensor tensor) {
        return tensor.data() instanceof float[] f
                ? doubles(f)
                : tensor.doubles().clone();
    }
}
