package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvstore.optimizer.Optimizer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fifty updates under random settings, by a store of this project with an optimizer and by MXNet's with an updater that runs
 * MXNet's operators for the same optimizer. Both stores sum what several devices push, too.
 */
@Tag("thorough")
class OptimizersTest {
    private static final int RUNS = 4;

    @RegisterExtension
    static final Differential STORES = new Differential();

    private static void compare(OptimizerCase c) {
        Differential.forSeeds(RUNS, seed -> new OptimizerRun(c, seed).run(STORES));
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.examples.benchmarks.mxnet.OptimizerCase#float32")
    void updatesFloat32WeightsAsMxnetsOperatorDoes(OptimizerCase c) {
        compare(c);
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.examples.benchmarks.mxnet.OptimizerCase#composed")
    void updatesFloat32WeightsAsMxnetsClassDoes(OptimizerCase c) {
        compare(c);
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.examples.benchmarks.mxnet.OptimizerCase#float16")
    void updatesFloat16WeightsAndTheirCopiesAsMxnetDoes(OptimizerCase c) {
        compare(c);
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.examples.benchmarks.mxnet.OptimizerCase#float64")
    void updatesFloat64WeightsAsMxnetDoes(OptimizerCase c) {
        compare(c);
    }

    /** Of more elements than one block of this store's sums has. */
    @ParameterizedTest
    @MethodSource("io.kvstore.examples.benchmarks.mxnet.OptimizerCase#withNorms")
    void takesNormsOfLargeWeightsAsMxnetDoes(OptimizerCase c) {
        Differential.forSeeds(RUNS, seed -> new OptimizerRun(c, seed, 5, 70, 1001).run(STORES));
    }

    /**
     * Of the operators that update weights, those for row-sparse arrays are compared by {@link RowSparseTest}, LAMB's for one
     * float16 weight alone are wrong ({@link OptimizerDifferencesTest}), and GroupAdaGrad is no optimizer of this project.
     */
    @Test
    void everyOperatorThatUpdatesWeightsIsCompared() {
        TreeSet<String> compared = new TreeSet<>(List.of(
                "_contrib_group_adagrad_update",
                "_sparse_adagrad_update",
                "_sparse_adam_update",
                "_sparse_ftrl_update",
                "_sparse_sgd_mom_update",
                "_sparse_sgd_update",
                "lamb_update_phase2",
                "mp_lamb_update_phase1",
                "mp_lamb_update_phase2"));
        Stream.concat(OptimizerCase.float32(), OptimizerCase.float16()).forEach(c -> compared.add(c.operators()));
        assertThat(compared)
                .containsAll(MxOps.names().stream()
                        .filter(name -> name.contains("_update"))
                        .toList());
    }

    /**
     * The noise of SGLD is another, for MXNet draws it from a generator of the whole process. What is left without it is
     * compared: a second store shows the noise alone, with the same seed and key, a weight of 0 and no gradients.
     */
    @Test
    void sgldMovesAlongTheGradientAsMxnetDoes() {
        Differential.forSeeds(RUNS, seed -> {
            Random random = new Random(seed);
            Map<String, Double> settings = new HashMap<>();
            RandomSettings.names("sgld").forEach(name -> settings.put(name, RandomSettings.own(name, random)));
            double rate = RandomSettings.number(random, 0.001, 0.1);
            int[] shape = {1 + random.nextInt(100)};
            try (Both both = STORES.open("local");
                    Both noise = STORES.open("local")) {
                both.ours().setOptimizer(Optimizer.of("sgld", withRate(settings, rate)));
                noise.ours().setOptimizer(Optimizer.of("sgld", Map.of("learning_rate", rate)));
                both.init("weight", Sample.random(random, MxType.FLOAT64, shape));
                noise.init("weight", Sample.of(MxType.FLOAT64, shape, new double[shape[0]]));
                for (int update = 1; update <= OptimizerRun.UPDATES; update++) {
                    Sample before = both.ours("weight");
                    double[] noiseBefore = noise.ours("weight").doubles();
                    Sample gradient = Sample.random(random, MxType.FLOAT64, shape);
                    both.ours().push("weight", gradient.toNd());
                    noise.ours()
                            .push(
                                    "weight",
                                    Sample.of(MxType.FLOAT64, shape, new double[shape[0]])
                                            .toNd());
                    double[] after = both.ours("weight").doubles();
                    double[] noiseAfter = noise.ours("weight").doubles();
                    double[] drifted = drift(before, gradient, settings, rate);
                    for (int i = 0; i < after.length; i++) {
                        assertThat(after[i] - (noiseAfter[i] - noiseBefore[i]))
                                .as("element %d after update %d with %s", i, update, settings)
                                .isCloseTo(drifted[i], within(1e-12));
                    }
                }
            }
        });
    }

    private static Map<String, Double> withRate(Map<String, Double> settings, double rate) {
        Map<String, Double> all = new HashMap<>(settings);
        all.put("learning_rate", rate);
        return all;
    }

    private static double[] drift(Sample weight, Sample gradient, Map<String, Double> settings, double rate) {
        MxRule rule = MxComposedRules.sgldDrift();
        try (MxOptimizer once = new MxOptimizer(rule, false, settings, update -> rate, Map.of(), Map.of());
                MxArray moved = weight.toMx(0);
                MxArray slope = gradient.toMx(0)) {
            once.update("weight", slope, moved);
            return Sample.of(moved).doubles();
        }
    }
}
