package io.kvstore.optimizer;

import java.util.Map;

/**
 * Layer-wise adaptive moments: Adam whose step is scaled by the norms of weight and step.
 *
 * <pre>
 *   g' = clip(rescale_grad * g)
 *   m = beta1 * m + (1 - beta1) * g'                   state 0
 *   v = beta2 * v + (1 - beta2) * g'^2                 state 1
 *   m', v' = m / (1 - beta1^t), v / (1 - beta2^t)      without bias_correction m, v; t: the key's update count
 *   u = m' / (sqrt(v') + epsilon) + wd * w
 *   R = ||w||, at least lower_bound and at most upper_bound (each if 0 or greater), over the whole tensor
 *   w = w - lr * R / ||u|| * u                         factor R / ||u|| = 1 if one of them is 0
 * </pre>
 *
 * u is formed in double, as MXNet does. The norms are double sums (MXNet: float32).
 *
 * <p>Sources: You et al., "Large Batch Optimization for Deep Learning: Training BERT in 76 minutes", 2020; MXNet 1.9,
 * src/operator/contrib/multi_lamb.cc.
 */
final class Lamb implements OptimizerRule {
    @Override
    public String name() {
        return "lamb";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of(
                "learning_rate",
                0.001,
                "beta1",
                0.9,
                "beta2",
                0.999,
                "epsilon",
                1e-6,
                "lower_bound",
                -1.0,
                "upper_bound",
                -1.0,
                "bias_correction",
                1.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "beta1");
        Checks.fraction(settings, "beta2");
        Checks.positive(settings, "epsilon");
        Checks.flag(settings, "bias_correction");
        double lower = settings.get("lower_bound");
        double upper = settings.get("upper_bound");
        if (upper >= 0 && lower > upper) {
            throw new IllegalArgumentException(
                    "lower_bound must not be greater than upper_bound, given " + lower + " and " + upper);
        }
    }

    @Override
    public int states(Settings settings) {
        return 2;
    }

    @Override
    public int sums(Settings settings) {
        return 2;
    }

    private static double rate(Step step) {
        double weight = Math.sqrt(step.sums()[0]);
        double lower = step.get("lower_bound");
        double upper = step.get("upper_bound");
        if (lower >= 0) {
            weight = Math.max(weight, lower);
        }
        if (upper >= 0) {
            weight = Math.min(weight, upper);
        }
        double moved = Math.sqrt(step.sums()[1]);
        return weight == 0 || moved == 0 ? step.learningRate() : step.learningRate() * (weight / moved);
    }

    /** Brings m and v up to date, and gives w^2 and u^2. */
    @Override
    public void terms(
            Step step, float[] weight, float[] gradient, float[][] states, int from, int to, double[][] terms) {
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float beta1 = (float) step.get("beta1");
        float beta2 = (float) step.get("beta2");
        float[] mean = states[0];
        float[] variance = states[1];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            mean[i] = beta1 * mean[i] + (1 - beta1) * g;
            variance[i] = beta2 * variance[i] + (1 - beta2) * g * g;
        }
        float first = correction(step, (float) step.get("beta1"));
        float second = correction(step, (float) step.get("beta2"));
        float epsilon = (float) step.get("epsilon");
        float wd = (float) step.wd();
        for (int i = from; i < to; i++) {
            double u = (float) (mean[i] / first / (Math.sqrt(variance[i] / second) + epsilon) + wd * weight[i]);
            terms[1][i - from] = u * u;
        }
        Norms.squares(weight, from, to, terms[0]);
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float rate = (float) rate(step);
        float first = correction(step, (float) step.get("beta1"));
        float second = correction(step, (float) step.get("beta2"));
        float epsilon = (float) step.get("epsilon");
        float wd = (float) step.wd();
        float[] mean = states[0];
        float[] variance = states[1];
        for (int i = from; i < to; i++) {
            float u = (float) (mean[i] / first / (Math.sqrt(variance[i] / second) + epsilon) + wd * weight[i]);
            weight[i] = weight[i] - rate * u;
        }
    }

    private static float correction(Step step, float beta) {
        return step.settings().on("bias_correction") ? 1 - (float) StrictMath.pow(beta, step.count()) : 1;
    }

    /** Brings m and v up to date, and gives w^2 and u^2. */
    @Override
    public void terms(
            Step step, double[] weight, double[] gradient, double[][] states, int from, int to, double[][] terms) {
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double beta1 = step.get("beta1");
        double beta2 = step.get("beta2");
        double[] mean = states[0];
        double[] variance = states[1];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            mean[i] = beta1 * mean[i] + (1 - beta1) * g;
            variance[i] = beta2 * variance[i] + (1 - beta2) * g * g;
        }
        double first = correction(step, step.get("beta1"));
        double second = correction(step, step.get("beta2"));
        double epsilon = step.get("epsilon");
        double wd = step.wd();
        for (int i = from; i < to; i++) {
            double u = mean[i] / first / (Math.sqrt(variance[i] / second) + epsilon) + wd * weight[i];
            terms[1][i - from] = u * u;
        }
        Norms.squares(weight, from, to, terms[0]);
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double rate = rate(step);
        double first = correction(step, step.get("beta1"));
        double second = correction(step, step.get("beta2"));
        double epsilon = step.get("epsilon");
        double wd = step.wd();
        double[] mean = states[0];
        double[] variance = states[1];
        for (int i = from; i < to; i++) {
            double u = mean[i] / first / (Math.sqrt(variance[i] / second) + epsilon) + wd * weight[i];
            weight[i] = weight[i] - rate * u;
        }
    }

    private static double correction(Step step, double beta) {
        return step.settings().on("bias_correction") ? 1 - StrictMath.pow(beta, step.count()) : 1;
    }
}
