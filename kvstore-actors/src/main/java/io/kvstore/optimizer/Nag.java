package io.kvstore.optimizer;

import java.util.Map;

/**
 * Nesterov's accelerated gradient.
 *
 * <pre>
 *   g' = clip(rescale_grad * g) + wd * w
 *   w = w - momentum * v + (1 + momentum) * (momentum * v - lr * g')
 *   v = momentum * v - lr * g'                                        state, only with momentum
 * </pre>
 *
 * Without momentum {@code w = (1 - lr * wd) * w - lr * clip(rescale_grad * g)}. As MXNet's operator works in place, the
 * decay in the last line, {@code wd * w}, is that of the weight just written; the textbook has the one before. So it is
 * here, for equal results.
 *
 * <p>Sources: Nesterov, "A method for solving the convex programming problem with convergence rate O(1/k^2)", 1983;
 * MXNet 1.9, src/operator/optimizer_op-inl.h, nag_mom_update.
 */
final class Nag implements OptimizerRule {
    @Override
    public String name() {
        return "nag";
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
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float lr = (float) step.learningRate();
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float momentum = (float) step.get("momentum");
        if (states.length == 0) {
            plain(step, weight, gradient, from, to);
            return;
        }
        float[] velocity = states[0];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            float kept = momentum * velocity[i];
            float w = weight[i] - kept + (momentum + 1) * (kept - lr * (g + wd * weight[i]));
            weight[i] = w;
            velocity[i] = kept - lr * (g + wd * w);
        }
    }

    private static void plain(Step step, float[] weight, float[] gradient, int from, int to) {
        float lr = (float) step.learningRate();
        float keep = 1 - lr * (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float outer = step.clips() ? lr : 1;
        float inner = step.clips() ? rescale : lr * rescale;
        for (int i = from; i < to; i++) {
            weight[i] = keep * weight[i] - outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double momentum = step.get("momentum");
        if (states.length == 0) {
            plain(step, weight, gradient, from, to);
            return;
        }
        double[] velocity = states[0];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            double kept = momentum * velocity[i];
            double w = weight[i] - kept + (momentum + 1) * (kept - lr * (g + wd * weight[i]));
            weight[i] = w;
            velocity[i] = kept - lr * (g + wd * w);
        }
    }

    private static void plain(Step step, double[] weight, double[] gradient, int from, int to) {
        double lr = step.learningRate();
        double keep = 1 - lr * step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double outer = step.clips() ? lr : 1;
        double inner = step.clips() ? rescale : lr * rescale;
        for (int i = from; i < to; i++) {
            weight[i] = keep * weight[i] - outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
        }
    }
}
