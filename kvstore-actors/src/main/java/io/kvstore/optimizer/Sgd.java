package io.kvstore.optimizer;

import java.util.Map;

/**
 * Stochastic gradient descent, with momentum if {@code momentum} is not 0.
 *
 * <pre>
 *   v = momentum * v - lr * wd * w - lr * clip(rescale_grad * g)      v: state, only with momentum, else 0
 *   w = w + v
 * </pre>
 *
 * Without a limit the gradient's factor is {@code (lr * rescale_grad)}, as MXNet has it. Row-sparse gradients are lazy.
 *
 * <p>Sources: Polyak, "Some methods of speeding up the convergence of iteration methods", 1964; MXNet 1.9,
 * src/operator/optimizer_op-inl.h, MultiSGDKernel, which is what MXNet's store runs for dense arrays.
 */
final class Sgd implements OptimizerRule {
    @Override
    public String name() {
        return "sgd";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("momentum", 0.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.unit(settings, "momentum");
    }

    @Override
    public int states(Settings settings) {
        return settings.get("momentum") == 0 ? 0 : 1;
    }

    @Override
    public boolean lazy() {
        return true;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float lr = (float) step.learningRate();
        float rescale = (float) step.rescaleGrad();
        float outer = step.clips() ? lr : 1;
        float inner = step.clips() ? rescale : lr * rescale;
        float momentum = (float) step.get("momentum");
        float decay = lr * (float) step.wd();
        if (states.length == 0) {
            plain(weight, gradient, decay, outer, inner, (float) step.clip(), from, to);
        } else {
            momentum(weight, gradient, states[0], momentum, decay, outer, inner, (float) step.clip(), from, to);
        }
    }

    static void plain(
            float[] weight, float[] gradient, float decay, float outer, float inner, float clip, int from, int to) {
        for (int i = from; i < to; i++) {
            float g = outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
            weight[i] = weight[i] + (-decay * weight[i] - g);
        }
    }

    /** {@code outer * clip(inner * g)} is the gradient's part of the step. */
    static void momentum(
            float[] weight,
            float[] gradient,
            float[] velocity,
            float momentum,
            float decay,
            float outer,
            float inner,
            float clip,
            int from,
            int to) {
        for (int i = from; i < to; i++) {
            float g = outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
            float v = momentum * velocity[i] - decay * weight[i] - g;
            velocity[i] = v;
            weight[i] = weight[i] + v;
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double lr = step.learningRate();
        double rescale = step.rescaleGrad();
        double outer = step.clips() ? lr : 1;
        double inner = step.clips() ? rescale : lr * rescale;
        double momentum = step.get("momentum");
        double decay = lr * step.wd();
        if (states.length == 0) {
            plain(weight, gradient, decay, outer, inner, step.clip(), from, to);
        } else {
            momentum(weight, gradient, states[0], momentum, decay, outer, inner, step.clip(), from, to);
        }
    }

    static void plain(
            double[] weight,
            double[] gradient,
            double decay,
            double outer,
            double inner,
            double clip,
            int from,
            int to) {
        for (int i = from; i < to; i++) {
            double g = outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
            weight[i] = weight[i] + (-decay * weight[i] - g);
        }
    }

    /** As the float32 form. */
    static void momentum(
            double[] weight,
            double[] gradient,
            double[] velocity,
            double momentum,
            double decay,
            double outer,
            double inner,
            double clip,
            int from,
            int to) {
        for (int i = from; i < to; i++) {
            double g = outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
            double v = momentum * velocity[i] - decay * weight[i] - g;
            velocity[i] = v;
            weight[i] = weight[i] + v;
        }
    }
}
