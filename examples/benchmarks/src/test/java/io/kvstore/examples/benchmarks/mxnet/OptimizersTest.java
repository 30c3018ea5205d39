package io.kvstore.examples.benchmarks.mxnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.Schedule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntToDoubleFunction;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fifty updates under random settings, by a store of this project with an optimizer and by MXNet's with an updater that runs
 * MXNet's operators for the same optimizer. Both stores sum what several devices push, too.
 */
@Tag("thorough")
class OptimizersTest {
    private static final int UPDATES = 50;
    private static final int RUNS = 4;

    /** How near the weights must come. */
    private enum Near {
        /** Same operations in the same order. */
        BITS(0),
        /** The same, but a weight of 0 may have the other sign. */
        NUMBERS(0),
        /**
         * MXNet adds in another order, takes norms by one float32 sum (this store: by double sums of blocks), or rounds to
         * float32 what is float64 here; relative to the key's greatest weight so far, at least 1.
         */
        RELATIVE(1e-6),
        /** As RELATIVE, seen through a float16 weight: one unit in its last place. */
        HALF_UNIT(0x1p-10),
        /** As RELATIVE, where MXNet rounds a factor of the weight: half a unit in the last place at every update. */
        FACTOR(UPDATES * 0x1p-24),
        /** As RELATIVE, where MXNet rounds nothing to float32 but reads float64 numbers from text, not always exactly. */
        TEXT(1e-12);

        final double tolerance;

        Near(double tolerance) {
            this.tolerance = tolerance;
        }
    }

    @RegisterExtension
    static final Differential STORES = new Differential();

    /**
     * One comparison.
     *
     * @param operators what MXNet runs
     * @param optimizer the name of this project's
     * @param fixed settings that are not random
     * @param master whether MXNet runs a float32 operator on a copy of a 16-bit weight
     */
    private record Case(
            String operators,
            String optimizer,
            Map<String, Double> fixed,
            MxType type,
            boolean master,
            Near near,
            Supplier<MxRule> rule) {

        Case(String optimizer, String operator, Function<String, MxRule> rule) {
            this(operator, optimizer, Map.of(), MxType.FLOAT32, false, Near.BITS, () -> rule.apply(operator));
        }

        Case with(String setting, double value) {
            Map<String, Double> more = new TreeMap<>(fixed);
            more.put(setting, value);
            return new Case(operators, optimizer, more, type, master, near, rule);
        }

        Case to(Near near) {
            return new Case(operators, optimizer, fixed, type, master, near, rule);
        }

        Case of(MxType type) {
            return new Case(operators, optimizer, fixed, type, master, near, rule);
        }

        Case onMaster() {
            return new Case(operators, optimizer, fixed, MxType.FLOAT16, true, near, rule);
        }

        @Override
        public String toString() {
            return optimizer + (fixed.isEmpty() ? "" : " " + fixed) + ", " + type + " " + near + ": " + operators;
        }
    }

    static Stream<Case> float32() {
        return Stream.of(
                new Case("sgd", "multi_sgd_mom_update", MxRules::multiSgd),
                new Case("sgd", "multi_sgd_update", MxRules::multiSgd).with("momentum", 0),
                new Case("sgd", "sgd_mom_update", MxRules::sgd),
                new Case("sgd", "sgd_update", MxRules::sgd).with("momentum", 0).to(Near.FACTOR),
                new Case("nag", "nag_mom_update", MxRules::sgd),
                new Case("nag", "sgd_update", MxRules::sgd).with("momentum", 0),
                new Case("signum", "signum_update", name -> MxRules.signum()),
                new Case("signum", "signsgd_update", name -> MxRules.signSgd())
                        .with("momentum", 0)
                        .with("wd_lh", 0),
                new Case("adam", "adam_update", name -> MxRules.adam()),
                new Case("adamw", "_adamw_update", MxRules::adamw),
                new Case("adamw", "_multi_adamw_update", MxRules::multiAdamw).to(Near.RELATIVE),
                new Case("rmsprop", "rmsprop_update", name -> MxRules.rmsProp()).with("centered", 0),
                new Case("rmsprop", "rmspropalex_update", name -> MxRules.centeredRmsProp()).with("centered", 1),
                new Case("ftrl", "ftrl_update", name -> MxRules.ftrl()).to(Near.NUMBERS),
                new Case("ftml", "ftml_update", name -> MxRules.ftml()),
                new Case("lamb", "_multi_lamb_update", MxRules::multiLamb).to(Near.RELATIVE),
                new Case("lamb", "lamb_update_phase1, .._phase2", name -> MxRules.lamb()).to(Near.RELATIVE),
                new Case("lars", "preloaded_multi_sgd_mom_update", MxRules::lars).to(Near.RELATIVE),
                new Case("lars", "preloaded_multi_sgd_update", MxRules::lars)
                        .with("momentum", 0)
                        .to(Near.RELATIVE));
    }

    static Stream<Case> composed() {
        return MxComposedRules.all().keySet().stream()
                .sorted()
                .map(name ->
                        new Case(name, "its class", any -> MxComposedRules.all().get(name)))
                .map(c -> c.optimizer.equals("dcasgd") ? c.with("momentum", 0) : c);
    }

    static Stream<Case> float16() {
        Stream<Case> mixed = Stream.of(
                new Case("sgd", "multi_mp_sgd_mom_update", MxRules::multiSgd),
                new Case("sgd", "multi_mp_sgd_update", MxRules::multiSgd).with("momentum", 0),
                new Case("sgd", "mp_sgd_mom_update", MxRules::sgd),
                new Case("sgd", "mp_sgd_update", MxRules::sgd)
                        .with("momentum", 0)
                        .to(Near.HALF_UNIT),
                new Case("nag", "mp_nag_mom_update", MxRules::sgd),
                new Case("nag", "mp_sgd_update", MxRules::sgd).with("momentum", 0),
                new Case("adamw", "_mp_adamw_update", MxRules::adamw),
                new Case("adamw", "_multi_mp_adamw_update", MxRules::multiAdamw).to(Near.HALF_UNIT),
                new Case("lamb", "_multi_mp_lamb_update", MxRules::multiLamb).to(Near.HALF_UNIT),
                new Case("lars", "preloaded_multi_mp_sgd_mom_update", MxRules::lars).to(Near.HALF_UNIT),
                new Case("lars", "preloaded_multi_mp_sgd_update", MxRules::lars)
                        .with("momentum", 0)
                        .to(Near.HALF_UNIT));
        Stream<Case> onMaster = Stream.concat(float32(), composed())
                .filter(c -> List.of(
                                "adam", "rmsprop", "ftrl", "ftml", "signum", "adagrad", "adadelta", "adamax", "nadam")
                        .contains(c.optimizer))
                .map(Case::onMaster);
        return Stream.concat(mixed.map(c -> c.of(MxType.FLOAT16)), onMaster);
    }

    /** The operators take float32 settings for float64 arrays, too; {@code _multi_adamw_update} does not take such arrays. */
    static Stream<Case> float64() {
        Stream<Case> operators = float32()
                .filter(c -> !c.operators.equals("_multi_adamw_update"))
                .map(c -> c.to(Near.RELATIVE));
        return Stream.concat(operators, composed().map(c -> c.to(Near.TEXT))).map(c -> c.of(MxType.FLOAT64));
    }

    @ParameterizedTest
    @MethodSource("float32")
    void updatesFloat32WeightsAsMxnetsOperatorDoes(Case c) {
        Differential.forSeeds(RUNS, seed -> new Run(c, seed).run());
    }

    @ParameterizedTest
    @MethodSource("composed")
    void updatesFloat32WeightsAsMxnetsClassDoes(Case c) {
        Differential.forSeeds(RUNS, seed -> new Run(c, seed).run());
    }

    @ParameterizedTest
    @MethodSource("float16")
    void updatesFloat16WeightsAndTheirCopiesAsMxnetDoes(Case c) {
        Differential.forSeeds(RUNS, seed -> new Run(c, seed).run());
    }

    @ParameterizedTest
    @MethodSource("float64")
    void updatesFloat64WeightsAsMxnetDoes(Case c) {
        Differential.forSeeds(RUNS, seed -> new Run(c, seed).run());
    }

    /** One store of each kind with the same keys, and random settings. */
    private static final class Run {
        private final Case c;
        private final Random random;
        private final Map<String, Double> settings = new TreeMap<>();
        private final Map<String, Double> lrMult;
        private final Map<String, Double> wdMult;
        private final double base;
        private final int every;
        private final double factor;
        private final List<String> keys;
        private final Map<String, int[]> shapes = new HashMap<>();
        private final Map<String, Double> scales = new HashMap<>();

        Run(Case c, long seed) {
            this.c = c;
            random = new Random(seed);
            keys = c.optimizer.equals("nadam") ? List.of("a_weight") : List.of("a_weight", "b_bias");
            lrMult = random.nextBoolean() ? Map.of() : Map.of("b_bias", 0.5);
            wdMult = random.nextBoolean() ? Map.of() : Map.of("b_bias", 0.0);
            base = RandomSettings.number(random, 0.001, 0.1);
            every = random.nextInt(3) == 0 ? 1 + random.nextInt(20) : Integer.MAX_VALUE;
            factor = random.nextBoolean() ? 0.5 : 0.75;
            for (String name : RandomSettings.names(c.optimizer)) {
                settings.put(name, c.fixed.getOrDefault(name, RandomSettings.own(name, random)));
            }
        }

        void run() {
            String type = random.nextBoolean() ? "local" : "device";
            IntToDoubleFunction rate = update -> base * Math.pow(factor, (update - 1) / every);
            try (Both both = STORES.open(type);
                    MxOptimizer updater = new MxOptimizer(c.rule.get(), c.master, settings, rate, lrMult, wdMult)) {
                both.ours().setOptimizer(optimizer());
                both.theirs().setUpdater(updater);
                for (String key : keys) {
                    int[] shape = random.ints(1 + random.nextInt(4), 1, 7).toArray();
                    shapes.put(key, shape);
                    both.init(key, Sample.random(random, c.type, shape));
                }
                for (int update = 1; update <= UPDATES; update++) {
                    for (String key : keys) {
                        both.push(key, gradient(key), gradient(key));
                    }
                    if (update % 5 == 0 || update == 1) {
                        for (String key : keys) {
                            compare(both, key, key + " after update " + update + " with " + settings);
                        }
                    }
                }
            }
        }

        private Sample gradient(String key) {
            return Sample.random(random, c.type, shapes.get(key));
        }

        private Optimizer optimizer() {
            Map<String, Object> all = new HashMap<>(settings);
            all.put("learning_rate", base);
            all.put("lr_mult", lrMult);
            all.put("wd_mult", wdMult);
            all.put("multi_precision", c.type == MxType.FLOAT16);
            if (every < Integer.MAX_VALUE) {
                all.put("lr_scheduler", Schedule.factor(every, factor));
            }
            return Optimizer.of(c.optimizer, all);
        }

        private void compare(Both both, String key, String what) {
            if (c.near == Near.BITS) {
                assertThat(both.difference(key)).as(what).isEmpty();
                return;
            }
            double[] given = both.ours(key).doubles();
            double[] wanted = both.mxnets(key).doubles();
            double scale = scales.getOrDefault(key, 1.0);
            for (int i = 0; i < wanted.length; i++) {
                scale = Math.max(scale, Math.abs(wanted[i]));
                assertThat(Math.abs(given[i] - wanted[i]) / scale)
                        .as("%s, element %d: given %s, MXNet %s", what, i, given[i], wanted[i])
                        .isLessThanOrEqualTo(c.near.tolerance);
            }
            scales.put(key, scale);
        }
    }
}
