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
 * @param rows whether the zeros are row-sparse
 */
record MxRule(int zeros, boolean copy, boolean wide, boolean rows, Step step) {
    /** Changes weight and states in place. */
    interface Step {
        void update(Update update);
    }

    static MxRule of(int zeros, Step step) {
        return new MxRule(zeros, false, false, false, step);
    }

    MxRule withCopy() {
        return new MxRule(zeros, true, wide, rows, step);
    }

    /** For the operators that update a 16-bit weight and its float32 copy at once. */
    MxRule mixed() {
        return new MxRule(zeros, true, true, rows, step);
    }

    /** With the setting {@code lazy_update} off for gradients of rows, if it shall be. */
    MxRule lazily(boolean on) {
        return on ? this : new MxRule(zeros, copy, wide, rows, u -> step.update(u.notLazy()));
    }

    /** For the operators that keep states of the rows alone that have had a gradient. */
    MxRule ofRows() {
        return new MxRule(zeros, copy, wide, true, step);
    }

    /**
     * One update of one key.
     *
     * @param count the number of the update, from 1
     * @param lr the rate in force, with the key's factor
     * @param rateRatio the schedule's rate over that of the update before
     * @param wd with the key's factor
     * @param settings the optimizer's, under its classes' names
     * @param lazy whether {@code lazy_update} is on, as it is by default
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
            Map<String, Double> settings,
            boolean lazy) {

        double get(String name) {
            return settings.get(name);
        }

        Update notLazy() {
            return new Update(key, count, lr, rateRatio, wd, weight, gradient, states, settings, false);
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
            if (!lazy) {
                all.put("lazy_update", false);
            }
            MxOps.invoke(operator, inputs, List.of(weight), all);
        }
    }
}
