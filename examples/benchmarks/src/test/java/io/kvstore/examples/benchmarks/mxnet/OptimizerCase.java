package io.kvstore.examples.benchmarks.mxnet;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * One comparison.
 *
 * @param operators what MXNet runs
 * @param optimizer the name of this project's
 * @param fixed settings that are not random
 * @param master whether MXNet runs a float32 operator on a copy of a 16-bit weight
 */
record OptimizerCase(
        String operators,
        String optimizer,
        Map<String, Double> fixed,
        MxType type,
        boolean master,
        Near near,
        Supplier<MxRule> rule) {
    /** How near the weights must come. */
    enum Near {
        /** Same operations in the same order. */
        BITS(0),
        /** The same, but a weight of 0 may have the other sign. */
        NUMBERS(0),
        /**
         * MXNet adds in another order, takes norms by one float32 sum (this store: by double sums of blocks), or rounds to
         * float32 what is float64 here; relative to the key's greatest weight so far, at least 1.
         */
        RELATIVE(1e-6),
        /** As RELATIVE, where MXNet's norm is one float32 sum of tens of thousands of squares, whose rounding adds up. */
        LONG_SUM(1e-4),
        /** As RELATIVE, seen through a float16 weight: one unit in its last place. */
        HALF_UNIT(0x1p-10),
        /** As RELATIVE, where MXNet rounds a factor of the weight: half a unit in the last place at every update. */
        FACTOR(OptimizerRun.UPDATES * 0x1p-24),
        /** As RELATIVE, where MXNet rounds nothing to float32 but reads float64 numbers from text, not always exactly. */
        TEXT(1e-12);

        final double tolerance;

        Near(double tolerance) {
            this.tolerance = tolerance;
        }
    }

    OptimizerCase(String optimizer, String operator, Function<String, MxRule> rule) {
        this(operator, optimizer, Map.of(), MxType.FLOAT32, false, Near.BITS, () -> rule.apply(operator));
    }

    OptimizerCase with(String setting, double value) {
        Map<String, Double> more = new TreeMap<>(fixed);
        more.put(setting, value);
        return new OptimizerCase(operators, optimizer, more, type, master, near, rule);
    }

    OptimizerCase to(Near near) {
        return new OptimizerCase(operators, optimizer, fixed, type, master, near, rule);
    }

    OptimizerCase of(MxType type) {
        return new OptimizerCase(operators, optimizer, fixed, type, master, near, rule);
    }

    OptimizerCase onMaster() {
        return new OptimizerCase(operators, optimizer, fixed, MxType.FLOAT16, true, near, rule);
    }

    @Override
    public String toString() {
        return optimizer + (fixed.isEmpty() ? "" : " " + fixed) + ", " + type + " " + near + ": " + operators;
    }

    static Stream<OptimizerCase> float32() {
        return Stream.of(
                new OptimizerCase("sgd", "multi_sgd_mom_update", MxRules::multiSgd),
                new OptimizerCase("sgd", "multi_sgd_update", MxRules::multiSgd).with("momentum", 0),
                new OptimizerCase("sgd", "sgd_mom_update", MxRules::sgd),
                new OptimizerCase("sgd", "sgd_update", MxRules::sgd)
                        .with("momentum", 0)
                        .to(Near.FACTOR),
                new OptimizerCase("nag", "nag_mom_update", MxRules::sgd),
                new OptimizerCase("nag", "sgd_update", MxRules::sgd).with("momentum", 0),
                new OptimizerCase("signum", "signum_update", name -> MxRules.signum()),
                new OptimizerCase("signum", "signsgd_update", name -> MxRules.signSgd())
                        .with("momentum", 0)
                        .with("wd_lh", 0),
                new OptimizerCase("adam", "adam_update", name -> MxRules.adam()),
                new OptimizerCase("adamw", "_adamw_update", MxRules::adamw),
                new OptimizerCase("adamw", "_multi_adamw_update", MxRules::multiAdamw).to(Near.RELATIVE),
                new OptimizerCase("rmsprop", "rmsprop_update", name -> MxRules.rmsProp()).with("centered", 0),
                new OptimizerCase("rmsprop", "rmspropalex_update", name -> MxRules.centeredRmsProp())
                        .with("centered", 1),
                new OptimizerCase("ftrl", "ftrl_update", name -> MxRules.ftrl()).to(Near.NUMBERS),
                new OptimizerCase("ftml", "ftml_update", name -> MxRules.ftml()),
                new OptimizerCase("lamb", "_multi_lamb_update", MxRules::multiLamb).to(Near.RELATIVE),
                new OptimizerCase("lamb", "lamb_update_phase1", MxRules::lamb).to(Near.RELATIVE),
                new OptimizerCase("lars", "preloaded_multi_sgd_mom_update", MxRules::lars).to(Near.RELATIVE),
                new OptimizerCase("lars", "preloaded_multi_sgd_update", MxRules::lars)
                        .with("momentum", 0)
                        .to(Near.RELATIVE));
    }

    static Stream<OptimizerCase> withNorms() {
        return float32()
                .filter(c -> List.of("lamb", "lars").contains(c.optimizer))
                .map(c -> c.to(Near.LONG_SUM));
    }

    static Stream<OptimizerCase> composed() {
        return MxComposedRules.all().keySet().stream()
                .sorted()
                .map(name -> new OptimizerCase(
                        name, "its class", any -> MxComposedRules.all().get(name)))
                .map(c -> c.optimizer.equals("dcasgd") ? c.with("momentum", 0) : c);
    }

    static Stream<OptimizerCase> float16() {
        Stream<OptimizerCase> mixed = Stream.of(
                new OptimizerCase("sgd", "multi_mp_sgd_mom_update", MxRules::multiSgd),
                new OptimizerCase("sgd", "multi_mp_sgd_update", MxRules::multiSgd).with("momentum", 0),
                new OptimizerCase("sgd", "mp_sgd_mom_update", MxRules::sgd),
                new OptimizerCase("sgd", "mp_sgd_update", MxRules::sgd)
                        .with("momentum", 0)
                        .to(Near.HALF_UNIT),
                new OptimizerCase("nag", "mp_nag_mom_update", MxRules::sgd),
                new OptimizerCase("nag", "mp_sgd_update", MxRules::sgd).with("momentum", 0),
                new OptimizerCase("adamw", "_mp_adamw_update", MxRules::adamw),
                new OptimizerCase("adamw", "_multi_mp_adamw_update", MxRules::multiAdamw).to(Near.HALF_UNIT),
                new OptimizerCase("lamb", "_multi_mp_lamb_update", MxRules::multiLamb).to(Near.HALF_UNIT),
                new OptimizerCase("lars", "preloaded_multi_mp_sgd_mom_update", MxRules::lars).to(Near.HALF_UNIT),
                new OptimizerCase("lars", "preloaded_multi_mp_sgd_update", MxRules::lars)
                        .with("momentum", 0)
                        .to(Near.HALF_UNIT));
        Stream<OptimizerCase> onMaster = Stream.concat(float32(), composed())
                .filter(c -> List.of(
                                "adam", "rmsprop", "ftrl", "ftml", "signum", "adagrad", "adadelta", "adamax", "nadam")
                        .contains(c.optimizer))
                .map(OptimizerCase::onMaster);
        return Stream.concat(mixed.map(c -> c.of(MxType.FLOAT16)), onMaster);
    }

    /** The operators take float32 settings for float64 arrays, too; {@code _multi_adamw_update} does not take such arrays. */
    static Stream<OptimizerCase> float64() {
        Stream<OptimizerCase> operators = float32()
                .filter(c -> !c.operators.equals("_multi_adamw_update"))
                .map(c -> c.to(Near.RELATIVE));
        return Stream.concat(operators, composed().map(c -> c.to(Near.TEXT))).map(c -> c.of(MxType.FLOAT64));
    }
}
