package io.kvstore.optimizer;

import java.util.Map;

/**
 * FTRL-Proximal: follow the regularised leader, with L1 ({@code lamda1}) and L2 ({@code wd}) terms that give sparse weights.
 *
 * <pre>
 *   g' = clip(rescale_grad * g)
 *   z = z + g' - (sqrt(n + g'^2) - sqrt(n)) * w / lr   state 0
 *   n = n + g'^2                                       state 1
 *   w = (sign(z) * lamda1 - z) / ((beta + sqrt(n)) / lr + wd)   where |z| is greater than lamda1, else 0
 * </pre>
 *
 * Row-sparse gradients are lazy. A rate of 0 changes nothing (the formula would divide by it). The setting is spelled as
 * in MXNet.
 *
 * <p>Sources: McMahan et al., "Ad Click Prediction: a View from the Trenches", 2013; MXNet 1.9,
 * src/operator/optimizer_op-inl.h, ftrl_update.
 */
final class Ftrl implements OptimizerRule {
    @Override
    public String name() {
        return "ftrl";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("learning_rate", 0.1, "lamda1", 0.01, "beta", 1.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.notNegative(settings, "lamda1");
        Checks.positive(settings, "beta");
    }

    @Override
    public int states(Settings settings) {
        return 2;
    }

    @Override
    public boolean lazy() {
        return true;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float lr = (float) step.learningRate();
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        if (lr == 0) {
            return;
        }
        float lamda1 = (float) step.get("lamda1");
        float beta = (float) step.get("beta");
        float[] sum = states[0];
        float[] square = states[1];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            float root = (float) Math.sqrt(square[i]);
            float n = square[i] + g * g;
            float newRoot = (float) Math.sqrt(n);
            float z = sum[i] + (g - (newRoot - root) * weight[i] / lr);
            sum[i] = z;
            square[i] = n;
            float excess = Math.max(-lamda1, Math.min(lamda1, z)) - z;
            weight[i] = excess / ((beta + newRoot) / lr + wd);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        if (lr == 0) {
            return;
        }
        double lamda1 = step.get("lamda1");
        double beta = step.get("beta");
        double[] sum = states[0];
        double[] square = states[1];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            double root = Math.sqrt(square[i]);
            double n = square[i] + g * g;
            double newRoot = Math.sqrt(n);
            double z = sum[i] + (g - (newRoot - root) * weight[i] / lr);
            sum[i] = z;
            square[i] = n;
            double excess = Math.max(-lamda1, Math.min(lamda1, z)) - z;
            weight[i] = excess / ((beta + newRoot) / lr + wd);
        }
    }
}
