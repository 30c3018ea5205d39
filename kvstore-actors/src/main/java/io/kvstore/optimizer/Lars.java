package io.kvstore.optimizer;

import java.util.Map;

/**
 * Layer-wise adaptive rate scaling: momentum whose rate is scaled by the norms of weight and gradient.
 *
 * <pre>
 *   W = ||w||, G = ||g||                               over the whole tensor, g as pushed
 *   r = lr * eta * W / (G * rescale_grad + wd * W + eps)      if W and G are greater than 0, else lr
 *   v = mu * v - r * wd * w - r * clip(rescale_grad * g)      state, only with momentum
 *   w = w + v
 * </pre>
 *
 * {@code r = lr} too for a key whose name ends with gamma, beta or bias. {@code mu} is the momentum, with
 * {@code momentum_correction} times the schedule's rate over that of the key's last update. The norms are double sums
 * (MXNet: float32). If the divisor is 0, {@code r = lr}.
 *
 * <p>Sources: You, Gitman and Ginsburg, "Large Batch Training of Convolutional Networks", 2017; MXNet 1.9,
 * python/mxnet/optimizer/optimizer.py and src/operator/contrib/multi_lars-inl.h.
 */
final class Lars implements OptimizerRule {
    @Override
    public String name() {
        return "lars";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("momentum", 0.0, "eta", 0.001, "eps", 0.0, "momentum_correction", 1.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.unit(settings, "momentum");
        Checks.notNegative(settings, "eta");
        Checks.notNegative(settings, "eps");
        Checks.flag(settings, "momentum_correction");
    }

    @Override
    public int states(Settings settings) {
        return settings.get("momentum") == 0 ? 0 : 1;
    }

    @Override
    public int sums(Settings settings) {
        return 2;
    }

    private static double rate(Step step) {
        String name = step.key().name();
        if (name.endsWith("gamma") || name.endsWith("beta") || name.endsWith("bias")) {
            return step.learningRate();
        }
        double weight = Math.sqrt(step.sums()[0]);
        double gradient = Math.sqrt(step.sums()[1]);
        double divisor = gradient * step.rescaleGrad() + step.wd() * weight + step.get("eps");
        if (weight == 0 || gradient == 0 || divisor == 0) {
            return step.learningRate();
        }
        return step.learningRate() * step.get("eta") * weight / divisor;
    }

    private static double momentum(Step step) {
        return step.get("momentum") * (step.settings().on("momentum_correction") ? step.rateRatio() : 1);
    }

    @Override
    public void terms(
            Step step, float[] weight, float[] gradient, float[][] states, int from, int to, double[][] terms) {
        Norms.squares(weight, from, to, terms[0]);
        Norms.squares(gradient, from, to, terms[1]);
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float lr = (float) rate(step);
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float outer = step.clips() ? lr : 1;
        float inner = step.clips() ? rescale : lr * rescale;
        float decay = lr * (float) step.wd();
        if (states.length == 0) {
            Sgd.plain(weight, gradient, decay, outer, inner, clip, from, to);
        } else {
            float momentum = (float) momentum(step);
            Sgd.momentum(weight, gradient, states[0], momentum, decay, outer, inner, clip, from, to);
        }
    }

    @Override
    public void terms(
            Step step, double[] weight, double[] gradient, double[][] states, int from, int to, double[][] terms) {
        Norms.squares(weight, from, to, terms[0]);
        Norms.squares(gradient, from, to, terms[1]);
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double lr = rate(step);
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double outer = step.clips() ? lr : 1;
        double inner = step.clips() ? rescale : lr * rescale;
        double decay = lr * step.wd();
        if (states.length == 0) {
            Sgd.plain(weight, gradient, decay, outer, inner, clip, from, to);
        } else {
            double momentum = momentum(step);
            Sgd.momentum(weight, gradient, states[0], momentum, decay, outer, inner, clip, from, to);
        }
    }
}
