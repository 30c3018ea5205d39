package io.kvstore.optimizer;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The settings that every optimizer has. The maps are sorted and not to be changed. */
record Common(
        double learningRate,
        double wd,
        double rescaleGrad,
        double clipGradient,
        long beginNumUpdate,
        boolean multiPrecision,
        boolean lazyUpdate,
        Schedule schedule,
        Map<String, Double> lrMult,
        Map<String, Double> wdMult) {

    static final List<String> NAMES = List.of(
            "learning_rate",
            "wd",
            "rescale_grad",
            "clip_gradient",
            "begin_num_update",
            "multi_precision",
            "lazy_update",
            "lr_scheduler",
            "lr_mult",
            "wd_mult");

    static Common defaultsOf(OptimizerRule rule) {
        double rate = rule.settings().getOrDefault("learning_rate", 0.01);
        return new Common(rate, 0, 1, -1, 0, false, true, null, Map.of(), Map.of());
    }

    /** The rate for an update count, before the key's multiplier. */
    double rate(long count) {
        return schedule == null ? learningRate : schedule.rate(learningRate, count);
    }

    void check() {
        if (schedule != null
                && schedule.warmup().steps() > 0
                && schedule.warmup().beginRate() > learningRate) {
            throw new IllegalArgumentException("warmup_begin_lr must not be greater than learning_rate " + learningRate
                    + ", given " + schedule.warmup().beginRate());
        }
    }

    /** These settings with another value for one of {@link #NAMES}. */
    Common with(String name, Object value) {
        return new Common(
                name.equals("learning_rate") ? notNegative(name, value) : learningRate,
                name.equals("wd") ? notNegative(name, value) : wd,
                name.equals("rescale_grad") ? Values.number(name, value) : rescaleGrad,
                name.equals("clip_gradient") ? Values.number(name, value) : clipGradient,
                name.equals("begin_num_update") ? Values.count(name, value) : beginNumUpdate,
                name.equals("multi_precision") ? Values.flag(name, value) : multiPrecision,
                name.equals("lazy_update") ? Values.flag(name, value) : lazyUpdate,
                name.equals("lr_scheduler") ? schedule(name, value) : schedule,
                name.equals("lr_mult") ? factors(name, value) : lrMult,
                name.equals("wd_mult") ? factors(name, value) : wdMult);
    }

    Common withSchedule(Schedule value) {
        return new Common(
                learningRate,
                wd,
                rescaleGrad,
                clipGradient,
                beginNumUpdate,
                multiPrecision,
                lazyUpdate,
                value,
                lrMult,
                wdMult);
    }

    private static Schedule schedule(String name, Object value) {
        if (value instanceof Schedule given) {
            return given;
        }
        throw Values.refused(name, "a Schedule", value);
    }

    private static double notNegative(String name, Object value) {
        double number = Values.number(name, value);
        if (number < 0) {
            throw Values.refused(name, "0 or greater", value);
        }
        return number;
    }

    private static Map<String, Double> factors(String name, Object value) {
        if (!(value instanceof Map<?, ?> given)) {
            throw Values.refused(name, "a map from key names to numbers", value);
        }
        Map<String, Double> factors = new TreeMap<>();
        given.forEach(
                (key, factor) -> factors.put(String.valueOf(key), notNegative(name + " of '" + key + "'", factor)));
        return Collections.unmodifiableMap(factors);
    }

    static Map<String, Double> and(Map<String, Double> factors, String key, double factor) {
        Map<String, Double> more = new TreeMap<>(factors);
        more.put(key, factor);
        return more;
    }
}
