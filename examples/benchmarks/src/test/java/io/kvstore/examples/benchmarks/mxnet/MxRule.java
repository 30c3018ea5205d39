package io.kvstore.examples.benchmarks.mxnet;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One optimizer of MXNet 1.9: what its class does in an update, by the same operators in the same order, and the states
 * it keeps.
 *
 * @param zeros the number of states that start as zeros
 * @param copy whether a copy of the weight is the last state
 * @param wide whether states, and the copy, are float32 though the weight is not
 */
record MxRule(int zeros, boolean copy, boolean wide, Step step) {
    /** Changes weight and states in place. */
    interface Step {
        void update(Update update);
    }

    static MxRule of(int zeros, Step step) {
        return new MxRule(zeros, false, false, step);
    }

    MxRule withCopy() {
        return new MxRule(zeros, true, wide, step);
    }

    /** For the operators that update a 16-bit weight and its float32 copy at once. */
    MxRule mixed() {
        return new MxRule(zeros, true, true, step);
    }

    /**
     * One update of one key.
     *
     * @param count the number of the update, from 1
     * @param lr the rate in force, with the key's factor
     * @param rateRatio the schedule's rate over that of the update before
     * @param wd with the key's factor
     * @param settings the optimizer's, under its classes' names
     */
    record Update(
            String key,
            int count,
            double lr,
            double rateRatio,
            double wd,
            MxArray weight,
            MxArray gradient,
            List<MxArray> states,
            Map<String, Double> settings) {

        double get(String name) {
            return settings.get(name);
        }

        MxArray state(int index) {
            return states.get(index);
        }

        /** {@code 1 - beta^count}. */
        double rest(String beta) {
            return 1 - Math.pow(get(beta), count);
        }

        /** Runs an operator that updates weight and states, with {@code rescale_grad}, {@code clip_gradient} and more. */
        void run(String operator, List<MxArray> inputs, Map<String, ?> params) {
            Map<String, Object> all = new TreeMap<>(params);
            all.put("rescale_grad", get("rescale_grad"));
            if (get("clip_gradient") > 0) {
                all.put("clip_gradient", get("clip_gradient"));
            }
            MxOps.invoke(operator, inputs, List.of(weight), all);
        }
    }
}
