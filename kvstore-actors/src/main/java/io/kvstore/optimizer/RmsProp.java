package io.kvstore.optimizer;

import java.util.Map;

/**
 * RMSProp, plain or, with {@code centered}, divided by the standard deviation of the gradient and with momentum gamma2.
 *
 * <pre>
 *   g' = clip(rescale_grad * g + wd * w)
 *   n = gamma1 * n + (1 - gamma1) * g'^2               state 0
 * plain
 *   w = w - lr * g' / sqrt(n + epsilon)
 * centered
 *   q = gamma1 * q + (1 - gamma1) * g'                 state 1
 *   d = gamma2 * d - lr * g' / sqrt(n - q^2 + epsilon) state 2
 *   w = w + d
 * then, with clip_weights greater than 0
 *   w = min(max(w, -clip_weights), clip_weights)
 * </pre>
 *
 * {@code n - q^2} is a variance; where rounding makes it negative it counts as 0 (MXNet: NaN).
 *
 * <p>Sources: Tieleman and Hinton, Coursera lecture 6.5, 2012; Graves, "Generating Sequences With Recurrent Neural
 * Networks", 2013, equations 38 to 45; MXNet 1.9, src/operator/optimizer_op-inl.h, rmsprop_update and rmspropalex_update.
 */
final class RmsProp implements OptimizerRule {
    @Override
    public String name() {
        return "rmsprop";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of(
                "learning_rate",
                0.001,
                "gamma1",
                0.9,
                "gamma2",
                0.9,
                "epsilon",
                1e-8,
                "centered",
                0.0,
                "clip_weights",
                -1.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "gamma1");
        Checks.unit(settings, "gamma2");
        Checks.positive(settings, "epsilon");
        Checks.flag(settings, "centered");
    }

    @Override
    public int states(Settings settings) {
        return settings.on("centered") ? 3 : 1;
    }

    private static double bound(Step step) {
        double bound = step.get("clip_weights");
        return bound > 0 ? bound : Double.POSITIVE_INFINITY;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        if (step.settings().on("centered")) {
            centered(step, weight, gradient, states[0], states[1], states[2], from, to);
        } else {
            plain(step, weight, gradient, states[0], from, to);
        }
    }

    private static void plain(Step step, float[] weight, float[] gradient, float[] square, int from, int to) {
        float lr = (float) step.learningRate();
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float gamma1 = (float) step.get("gamma1");
        float epsilon = (float) step.get("epsilon");
        float bound = (float) bound(step);
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            float n = (1 - gamma1) * (g * g) + gamma1 * square[i];
            square[i] = n;
            float w = weight[i] - lr * (g / (float) Math.sqrt(n + epsilon));
            weight[i] = Math.max(-bound, Math.min(bound, w));
        }
    }

    private static void centered(
            Step step,
            float[] weight,
            float[] gradient,
            float[] square,
            float[] mean,
            float[] delta,
            int from,
            int to) {
        float lr = (float) step.learningRate();
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float gamma1 = (float) step.get("gamma1");
        float gamma2 = (float) step.get("gamma2");
        float epsilon = (float) step.get("epsilon");
        float bound = (float) bound(step);
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            float n = (1 - gamma1) * g * g + gamma1 * square[i];
            float q = (1 - gamma1) * g + gamma1 * mean[i];
            float d = gamma2 * delta[i] - lr * g / (float) Math.sqrt(Math.max(0, n - q * q) + epsilon);
            square[i] = n;
            mean[i] = q;
            delta[i] = d;
            weight[i] = Math.max(-bound, Math.min(bound, weight[i] + d));
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        if (step.settings().on("centered")) {
            centered(step, weight, gradient, states[0], states[1], states[2], from, to);
        } else {
            plain(step, weight, gradient, states[0], from, to);
        }
    }

    private static void plain(Step step, double[] weight, double[] gradient, double[] square, int from, int to) {
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double gamma1 = step.get("gamma1");
        double epsilon = step.get("epsilon");
        double bound = bound(step);
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            double n = (1 - gamma1) * (g * g) + gamma1 * square[i];
            square[i] = n;
            double w = weight[i] - lr * (g / Math.sqrt(n + epsilon));
            weight[i] = Math.max(-bound, Math.min(bound, w));
        }
    }

    private static void centered(
            Step step,
            double[] weight,
            double[] gradient,
            double[] square,
            double[] mean,
            double[] delta,
            int from,
            int to) {
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double gamma1 = step.get("gamma1");
        double gamma2 = step.get("gamma2");
        double epsilon = step.get("epsilon");
        double bound = bound(step);
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            double n = (1 - gamma1) * g * g + gamma1 * square[i];
            double q = (1 - gamma1) * g + gamma1 * mean[i];
            double d = gamma2 * delta[i] - lr * g / Math.sqrt(Math.max(0, n - q * q) + epsilon);
            square[i] = n;
            mean[i] = q;
            delta[i] = d;
            weight[i] = Math.max(-bound, Math.min(bound, weight[i] + d));
        }
    }
}
