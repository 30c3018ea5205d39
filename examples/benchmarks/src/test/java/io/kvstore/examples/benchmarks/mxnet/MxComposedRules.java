package io.kvstore.examples.benchmarks.mxnet;

import java.util.Map;

/**
 * The optimizers that MXNet 1.9 has no operator of their own for: its arithmetic operators, in the order of the classes in
 * python/mxnet/optimizer/optimizer.py.
 */
final class MxComposedRules {
    private MxComposedRules() {}

    private interface Formula {
        void apply(MxMath math, MxRule.Update update);
    }

    private static MxRule rule(int zeros, Formula formula) {
        return MxRule.of(zeros, u -> {
            try (MxMath math = new MxMath()) {
                formula.apply(math, u);
            }
        });
    }

    private static MxArray scaled(MxMath math, MxRule.Update u) {
        return math.clip(math.multiply(u.gradient(), u.get("rescale_grad")), u.get("clip_gradient"));
    }

    private static MxArray decayed(MxMath math, MxRule.Update u) {
        MxArray sum = math.add(math.multiply(u.gradient(), u.get("rescale_grad")), math.multiply(u.weight(), u.wd()));
        return math.clip(sum, u.get("clip_gradient"));
    }

    /** {@code state = beta * state + (1 - beta) * value}. */
    private static void average(MxMath math, MxArray state, double beta, MxArray value) {
        math.set(state, math.add(math.multiply(state, beta), value));
    }

    static MxRule adaGrad() {
        return rule(1, (math, u) -> {
            MxArray gradient = scaled(math, u);
            MxArray history = u.state(0);
            math.set(history, math.add(history, math.square(gradient)));
            MxArray direction = math.divide(gradient, math.sqrt(math.add(history, u.get("eps"))));
            MxArray whole = math.add(direction, math.multiply(u.weight(), u.wd()));
            math.set(u.weight(), math.add(u.weight(), math.multiply(whole, -u.lr())));
        });
    }

    static MxRule adaDelta() {
        return rule(2, (math, u) -> {
            double rho = u.get("rho");
            double epsilon = u.get("epsilon");
            MxArray gradient = scaled(math, u);
            average(math, u.state(0), rho, math.multiply(math.multiply(gradient, 1 - rho), gradient));
            MxArray top = math.sqrt(math.add(u.state(1), epsilon));
            MxArray bottom = math.sqrt(math.add(u.state(0), epsilon));
            MxArray delta = math.multiply(math.divide(top, bottom), gradient);
            average(math, u.state(1), rho, math.multiply(math.multiply(delta, 1 - rho), delta));
            math.set(u.weight(), math.subtract(u.weight(), math.add(delta, math.multiply(u.weight(), u.wd()))));
        });
    }

    static MxRule adamax() {
        return rule(2, (math, u) -> {
            double beta1 = u.get("beta1");
            MxArray gradient = decayed(math, u);
            average(math, u.state(0), beta1, math.multiply(gradient, 1 - beta1));
            math.set(u.state(1), math.maximum(math.multiply(u.state(1), u.get("beta2")), math.abs(gradient)));
            double lr = u.lr() / u.rest("beta1");
            MxArray step = math.divide(math.multiply(u.state(0), lr), u.state(1));
            math.set(u.weight(), math.subtract(u.weight(), step));
        });
    }

    /** Its product of momenta is one for all keys of an optimizer: right for one key only. */
    static MxRule nadam() {
        double[] product = {1};
        return rule(2, (math, u) -> {
            double beta1 = u.get("beta1");
            double beta2 = u.get("beta2");
            MxArray gradient = decayed(math, u);
            double now = momentum(u, u.count());
            double next = momentum(u, u.count() + 1);
            product[0] *= now;
            average(math, u.state(0), beta1, math.multiply(gradient, 1 - beta1));
            average(math, u.state(1), beta2, math.multiply(math.multiply(gradient, 1 - beta2), gradient));
            MxArray ofGradient = math.multiply(math.divide(gradient, 1 - product[0]), 1 - now);
            MxArray ofMean = math.multiply(math.divide(u.state(0), 1 - product[0] * next), next);
            MxArray variance = math.divide(u.state(1), u.rest("beta2"));
            MxArray bottom = math.add(math.sqrt(variance), u.get("epsilon"));
            MxArray step = math.divide(math.multiply(math.add(ofGradient, ofMean), u.lr()), bottom);
            math.set(u.weight(), math.subtract(u.weight(), step));
        });
    }

    private static double momentum(MxRule.Update u, int count) {
        return u.get("beta1") * (1 - 0.5 * Math.pow(0.96, count * u.get("schedule_decay")));
    }

    /** Without momentum, with which the class fails. */
    static MxRule dcAsgd() {
        return rule(0, (math, u) -> {
                    MxArray gradient = scaled(math, u);
                    MxArray previous = u.state(0);
                    MxArray squared = math.multiply(math.multiply(gradient, u.get("lamda")), gradient);
                    MxArray delay = math.multiply(squared, math.subtract(u.weight(), previous));
                    MxArray sum = math.add(math.add(gradient, math.multiply(u.weight(), u.wd())), delay);
                    MxArray step = math.multiply(sum, -u.lr());
                    math.set(previous, u.weight());
                    math.set(u.weight(), math.add(u.weight(), step));
                })
                .withCopy();
    }

    /** Without its noise. */
    static MxRule sgldDrift() {
        return rule(0, (math, u) -> {
            MxArray sum = math.add(scaled(math, u), math.multiply(u.weight(), u.wd()));
            math.set(u.weight(), math.add(u.weight(), math.multiply(sum, -u.lr() / 2)));
        });
    }

    static MxRule test() {
        return rule(
                0,
                (math, u) ->
                        math.set(u.weight(), math.add(u.weight(), math.multiply(u.gradient(), u.get("rescale_grad")))));
    }

    /** The classes by the store's name for them, those with noise left out. */
    static Map<String, MxRule> all() {
        return Map.of(
                "adagrad", adaGrad(),
                "adadelta", adaDelta(),
                "adamax", adamax(),
                "nadam", nadam(),
                "dcasgd", dcAsgd(),
                "test", test());
    }
}
