package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.RowSparse;
import io.kvstore.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Row-sparse values in both stores: sums, assignment, pulls of rows, and the optimizers' updates of rows. */
@Tag("thorough")
class RowSparseTest {
    private static final int SEQUENCES = 40;
    private static final int RUNS = 4;
    private static final int UPDATES = 50;

    @RegisterExtension
    static final Differential STORES = new Differential();

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void sumsAssignsAndGivesRowsAsMxnetDoes(String type) {
        Differential.forSeeds(SEQUENCES, seed -> {
            try (Both both = STORES.open(type)) {
                new RowSparseSequence(new Random(seed), both).run();
            }
        });
    }

    /** MXNet's updater gets row-sparse arrays, this store's dense ones of the same values. */
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void givesTheSameSumsToAnUpdaterAsMxnetDoes(String type) {
        Differential.forSeeds(SEQUENCES, seed -> {
            try (Both both = STORES.open(type)) {
                both.ours()
                        .setUpdater((key, received, stored) -> stored.muli(0.5f).addi(received));
                both.theirs().setUpdater((key, received, stored) -> halveAndAdd(stored, received));
                new RowSparseSequence(new Random(seed), both).run();
            }
        });
    }

    private static void halveAndAdd(MxArray stored, MxArray received) {
        float[] values = stored.toFloats();
        float[] added = received.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] * 0.5f + added[i];
        }
        if (!stored.isRowSparse()) {
            stored.set(values);
            return;
        }
        try (MxArray dense = MxArray.of(values, stored.shape())) {
            MxOps.invoke("cast_storage", List.of(dense), List.of(stored), Map.of("stype", "row_sparse"));
        }
    }

    /**
     * One optimizer on a row-sparse key that has all its rows.
     *
     * @param tolerance relative to the greatest weight so far, at least 1; 0 for equal numbers
     * @param lazy whether rows without gradient are left alone
     * @param own the names of the optimizer's own settings
     */
    private record Case(
            String name, String optimizer, boolean lazy, double tolerance, List<String> own, Supplier<MxRule> rule) {
        @Override
        public String toString() {
            return name + (lazy ? "" : ", not lazy");
        }
    }

    /** {@code 1 - lr * wd} is rounded, and multiplied in at every update. */
    private static final double FACTOR = UPDATES * 0x1p-24;

    /** MXNet's operators for rows add or multiply in another order than its own for dense gradients. */
    private static final double RELATIVE = 1e-6;

    static Stream<Case> optimizers() {
        List<String> betas = List.of("beta1", "beta2", "epsilon");
        return Stream.of(
                new Case("sgd_update", "sgd", true, FACTOR, List.of(), () -> MxRules.sgd("sgd_update")),
                new Case("sgd_update", "sgd", false, FACTOR, List.of(), () -> MxRules.sgd("sgd_update")),
                new Case(
                        "sgd_mom_update",
                        "sgd",
                        true,
                        0,
                        List.of("momentum"),
                        () -> MxRules.sgd("sgd_mom_update").ofRows()),
                new Case(
                        "sgd_mom_update",
                        "sgd",
                        false,
                        RELATIVE,
                        List.of("momentum"),
                        () -> MxRules.sgd("sgd_mom_update")),
                new Case(
                        "adam_update",
                        "adam",
                        true,
                        RELATIVE,
                        betas,
                        () -> MxRules.adam().ofRows()),
                new Case("adam_update", "adam", false, RELATIVE, betas, MxRules::adam),
                new Case(
                        "ftrl_update",
                        "ftrl",
                        true,
                        0,
                        List.of("lamda1", "beta"),
                        () -> MxRules.ftrl().ofRows()),
                new Case("_sparse_adagrad_update", "adagrad", true, 0, List.of("eps"), MxRules::adaGradOfRows));
    }

    @ParameterizedTest
    @MethodSource("optimizers")
    void updatesRowsAsMxnetsOperatorDoes(Case c) {
        Differential.forSeeds(RUNS, seed -> update(c, new Random(seed)));
    }

    private static void update(Case c, Random random) {
        int[] shape = {1 + random.nextInt(20), 1 + random.nextInt(5), 1 + random.nextInt(3)};
        Map<String, Double> settings = settings(c, random);
        double rate = RandomSettings.number(random, 0.001, 0.1);
        try (Both both = STORES.open(random.nextBoolean() ? "local" : "device");
                MxOptimizer updater = new MxOptimizer(
                        c.rule.get().lazily(c.lazy), false, settings, count -> rate, Map.of(), Map.of())) {
            Map<String, Object> all = new HashMap<>(settings);
            all.put("learning_rate", rate);
            all.put("lazy_update", c.lazy);
            both.ours().setOptimizer(Optimizer.of(c.optimizer, all));
            both.theirs().setUpdater(updater);
            Rows weight = Rows.random(random, 1.1, shape);
            both.ours().init("weight", weight.toOurs());
            try (MxArray copy = weight.toMx(0)) {
                both.theirs().init("weight", copy);
            }
            double scale = 1;
            for (int update = 1; update <= UPDATES; update++) {
                push(both, random, shape);
                scale = compare(both, shape, scale, c.tolerance, "after update " + update + " with " + settings);
            }
        }
    }

    private static Map<String, Double> settings(Case c, Random random) {
        Map<String, Double> settings = new TreeMap<>();
        settings.put("wd", c.optimizer.equals("adagrad") ? 0 : RandomSettings.number(random, 0, 0.01));
        settings.put("rescale_grad", RandomSettings.number(random, 0.1, 1.5));
        settings.put("clip_gradient", random.nextBoolean() ? -1 : RandomSettings.number(random, 0.2, 2));
        settings.put("momentum", 0.0);
        c.own.forEach(name -> settings.put(name, RandomSettings.own(name, random)));
        if (!c.optimizer.equals("sgd")) {
            settings.remove("momentum");
        }
        return settings;
    }

    /** Two devices, each with some rows. */
    private static void push(Both both, Random random, int[] shape) {
        List<RowSparse> values = new ArrayList<>();
        List<MxArray> copies = new ArrayList<>();
        for (int device = 0; device < 2; device++) {
            Rows gradient = Rows.random(random, 0.4, shape);
            values.add(gradient.toOurs());
            copies.add(gradient.toMx(device));
        }
        both.ours().push("weight", values);
        both.theirs().push("weight", copies);
        copies.forEach(MxArray::close);
    }

    /** Returns the greatest weight so far. */
    private static double compare(Both both, int[] shape, double scale, double tolerance, String what) {
        double[] given = both.ours("weight").doubles();
        double greatest = scale;
        try (MxArray out = MxArray.zeros(0, MxType.FLOAT32, shape)) {
            both.theirs().pull("weight", List.of(out));
            float[] wanted = out.toFloats();
            for (int i = 0; i < wanted.length; i++) {
                greatest = Math.max(greatest, Math.abs(wanted[i]));
                assertThat(Math.abs(given[i] - wanted[i]) / greatest)
                        .as("%s, element %d: given %s, MXNet %s", what, i, given[i], wanted[i])
                        .isLessThanOrEqualTo(tolerance);
            }
        }
        return greatest;
    }
}
