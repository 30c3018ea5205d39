package io.kvstore.examples.benchmarks.mxnet;

import io.kvstore.examples.benchmarks.mxnet.MxRule.Update;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The optimizers for which MXNet 1.9 has operators, called as python/mxnet/optimizer/optimizer.py calls them; those of
 * which it has several operators take the operator's name.
 */
final class MxRules {
    private MxRules() {}

    /** {@code multi_sgd_update}, {@code multi_sgd_mom_update} and their {@code multi_mp_} forms: one array of many. */
    static MxRule multiSgd(String operator) {
        return sgdStates(operator, u -> {
            Map<String, Object> params = momentum(operator, u);
            params.put("lrs", tuple(rounded(u.lr())));
            params.put("wds", tuple(u.wd()));
            params.put("num_weights", 1);
            u.run(operator, all(u), params);
        });
    }

    /** {@code sgd_update}, {@code nag_mom_update}, .. and their {@code mp_} forms. */
    static MxRule sgd(String operator) {
        return sgdStates(operator, u -> u.run(operator, all(u), rates(momentum(operator, u), u)));
    }

    /** {@code signsgd_update}. */
    static MxRule signSgd() {
        return MxRule.of(0, u -> u.run("signsgd_update", all(u), rates(new HashMap<>(), u)));
    }

    static MxRule signum() {
        return MxRule.of(1, u -> u.run("signum_update", all(u), rates(with(u, "momentum", "wd_lh"), u)));
    }

    private static MxRule sgdStates(String operator, MxRule.Step step) {
        MxRule rule = MxRule.of(operator.contains("mom") ? 1 : 0, step);
        return operator.contains("mp_") ? rule.mixed() : rule;
    }

    private static Map<String, Object> momentum(String operator, Update u) {
        return operator.contains("mom") ? with(u, "momentum") : new HashMap<>();
    }

    static MxRule adam() {
        return MxRule.of(2, u -> {
            Map<String, Object> params = rates(with(u, "beta1", "beta2", "epsilon"), u);
            params.put("lr", rounded(u.lr() * (Math.sqrt(u.rest("beta2")) / u.rest("beta1"))));
            u.run("adam_update", all(u), params);
        });
    }

    /** {@code _adamw_update} and {@code _mp_adamw_update}, whose {@code rescale_grad} is an array; eta is the rate. */
    static MxRule adamw(String operator) {
        return adamwStates(operator, u -> {
            Map<String, Object> params = adamwSettings(u);
            params.put("lr", 1);
            params.put("eta", rounded(eta(u)));
            params.put("wd", u.wd());
            runAdamw(operator, u, params);
        });
    }

    /** {@code _multi_adamw_update} and {@code _multi_mp_adamw_update}. */
    static MxRule multiAdamw(String operator) {
        return adamwStates(operator, u -> {
            Map<String, Object> params = adamwSettings(u);
            params.put("lrs", tuple("1"));
            params.put("etas", tuple(rounded(eta(u))));
            params.put("wds", tuple(u.wd()));
            params.put("num_weights", 1);
            runAdamw(operator, u, params);
        });
    }

    private static MxRule adamwStates(String operator, MxRule.Step step) {
        MxRule rule = MxRule.of(2, step);
        return operator.contains("mp_") ? rule.mixed() : rule;
    }

    private static double eta(Update u) {
        return u.get("correct_bias") == 0 ? u.lr() : u.lr() * Math.sqrt(u.rest("beta2")) / u.rest("beta1");
    }

    private static Map<String, Object> adamwSettings(Update u) {
        Map<String, Object> params = with(u, "beta1", "beta2", "epsilon");
        if (u.get("clip_gradient") > 0) {
            params.put("clip_gradient", u.get("clip_gradient"));
        }
        return params;
    }

    private static void runAdamw(String operator, Update u, Map<String, Object> params) {
        List<MxArray> inputs = new ArrayList<>(all(u));
        try (MxArray scale = MxArray.of(new float[] {(float) u.get("rescale_grad")})) {
            inputs.add(scale);
            MxOps.invoke(operator, inputs, List.of(u.weight()), params);
        }
    }

    /** {@code _sparse_adagrad_update}: for dense gradients MXNet has no operator. */
    static MxRule adaGradOfRows() {
        return MxRule.of(1, u -> u.run("_sparse_adagrad_update", all(u), rates(epsilon(u), u)))
                .ofRows();
    }

    private static Map<String, Object> epsilon(Update u) {
        Map<String, Object> params = new HashMap<>();
        params.put("epsilon", u.get("eps"));
        return params;
    }

    static MxRule rmsProp() {
        return MxRule.of(1, u -> u.run("rmsprop_update", all(u), rates(rmsSettings(u, "gamma1"), u)));
    }

    static MxRule centeredRmsProp() {
        return MxRule.of(3, u -> u.run("rmspropalex_update", all(u), rates(rmsSettings(u, "gamma1", "gamma2"), u)));
    }

    private static Map<String, Object> rmsSettings(Update u, String... gammas) {
        Map<String, Object> params = with(u, gammas);
        params.putAll(with(u, "epsilon"));
        if (u.get("clip_weights") > 0) {
            params.put("clip_weights", u.get("clip_weights"));
        }
        return params;
    }

    static MxRule ftrl() {
        return MxRule.of(2, u -> u.run("ftrl_update", all(u), rates(with(u, "lamda1", "beta"), u)));
    }

    /** The operator calls its limit {@code clip_grad}. */
    static MxRule ftml() {
        return MxRule.of(3, u -> {
            Map<String, Object> params = rates(with(u, "beta1", "beta2", "epsilon", "rescale_grad"), u);
            params.put("t", u.count());
            if (u.get("clip_gradient") > 0) {
                params.put("clip_grad", u.get("clip_gradient"));
            }
            MxOps.invoke("ftml_update", all(u), List.of(u.weight()), params);
        });
    }

    /** {@code _multi_lamb_update} and {@code _multi_mp_lamb_update}: what the class runs in a store. */
    static MxRule multiLamb(String operator) {
        MxRule rule = MxRule.of(2, u -> {
            Map<String, Object> params = lambSettings(u);
            params.putAll(bounds(u));
            params.put("learning_rates", tuple(rounded(u.lr())));
            params.put("wds", tuple(u.wd()));
            params.put("step_count", tuple(u.count()));
            params.put("num_tensors", 1);
            u.run(operator, all(u), params);
        });
        return operator.contains("mp_") ? rule.mixed() : rule;
    }

    /** {@code lamb_update_phase1} and {@code lamb_update_phase2}, or their {@code mp_} forms: the same for one array alone. */
    static MxRule lamb(String firstOperator) {
        boolean mixed = firstOperator.startsWith("mp_");
        MxRule rule = MxRule.of(2, u -> {
            Map<String, Object> params = lambSettings(u);
            params.putAll(with(u, "rescale_grad"));
            if (u.get("clip_gradient") > 0) {
                params.put("clip_gradient", u.get("clip_gradient"));
            }
            params.put("t", u.count());
            params.put("wd", u.wd());
            try (MxMath math = new MxMath()) {
                MxArray step = math.of(firstOperator, all(u), params);
                MxArray normed = mixed ? u.state(2) : u.weight();
                List<MxArray> inputs = new ArrayList<>(List.of(u.weight(), step, math.norm(normed), math.norm(step)));
                if (mixed) {
                    inputs.add(u.state(2));
                }
                Map<String, Object> second = bounds(u);
                second.put("lr", rounded(u.lr()));
                MxOps.invoke(firstOperator.replace("1", "2"), inputs, List.of(u.weight()), second);
            }
        });
        return mixed ? rule.mixed() : rule;
    }

    private static Map<String, Object> lambSettings(Update u) {
        Map<String, Object> params = with(u, "beta1", "beta2", "epsilon");
        params.put("bias_correction", u.get("bias_correction") != 0);
        return params;
    }

    private static Map<String, Object> bounds(Update u) {
        Map<String, Object> params = new HashMap<>();
        for (String bound : List.of("lower_bound", "upper_bound")) {
            if (u.get(bound) > 0) {
                params.put(bound, u.get(bound));
            }
        }
        return params;
    }

    /** {@code multi_sum_sq}, {@code multi_lars} and one of the {@code preloaded_multi_} operators of SGD. */
    static MxRule lars(String operator) {
        return sgdStates(operator, u -> {
            Map<String, Object> params = new HashMap<>();
            if (operator.contains("mom")) {
                double correction = u.get("momentum_correction") == 0 ? 1 : u.rateRatio();
                params.put("momentum", rounded(u.get("momentum") * correction));
            }
            params.put("num_weights", 1);
            try (MxArray rate = MxArray.of(new float[] {(float) u.lr()});
                    MxArray decay = MxArray.of(new float[] {(float) u.wd()})) {
                if (!u.key().endsWith("bias")) {
                    scale(u, rate, decay);
                }
                List<MxArray> inputs = new ArrayList<>(all(u));
                inputs.addAll(List.of(rate, decay));
                u.run(operator, inputs, params);
            }
        });
    }

    private static void scale(Update u, MxArray rate, MxArray decay) {
        try (MxMath math = new MxMath()) {
            MxArray weights = math.of("multi_sum_sq", List.of(u.weight()), Map.of("num_arrays", 1));
            MxArray gradients = math.of("multi_sum_sq", List.of(u.gradient()), Map.of("num_arrays", 1));
            MxOps.invoke(
                    "multi_lars",
                    List.of(rate, weights, gradients, decay),
                    List.of(rate),
                    with(u, "eta", "eps", "rescale_grad"));
        }
    }

    /** Weight, gradient and states: the inputs of most operators. */
    private static List<MxArray> all(Update u) {
        List<MxArray> arrays = new ArrayList<>(List.of(u.weight(), u.gradient()));
        arrays.addAll(u.states());
        return arrays;
    }

    private static Map<String, Object> rates(Map<String, Object> params, Update u) {
        params.put("lr", rounded(u.lr()));
        params.put("wd", u.wd());
        return params;
    }

    private static Map<String, Object> with(Update u, String... names) {
        Map<String, Object> params = new HashMap<>();
        for (String name : names) {
            params.put(name, u.get(name));
        }
        return params;
    }

    /** As a float32 number, which is what MXNet's operators make of a setting. */
    private static double rounded(double setting) {
        return (float) setting;
    }

    private static String tuple(Object only) {
        return "(" + MxOps.text(only) + ",)";
    }
}
