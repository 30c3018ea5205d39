package io.kvstore.optimizer;

import java.util.Map;

/**
 * Adam with weight decay outside the gradient.
 *
 * <pre>
 *   eta = lr * sqrt(1 - beta2^t) / (1 - beta1^t)       eta = lr without correct_bias; t: the key's update count
 *   g' = clip(rescale_grad * g)
 *   m = beta1 * m + (1 - beta1) * g'                   state 0
 *   v = beta2 * v + (1 - beta2) * g'^2                 state 1
 *   w = w - eta * (m / (sqrt(v) + epsilon) + wd * w)
 * </pre>
 *
 * MXNet 1.9 has the operator and no class; names and defaults are those of MXNet 2.0's class. With {@code rescale_grad}
 * 0 nothing changes at all, as in MXNet.
 *
 * <p>Sources: Loshchilov and Hutter, "Decoupled Weight Decay Regularization", 2019; MXNet 2.0,
 * python/mxnet/optimizer/adamW.py and src/operator/contrib/adamw-inl.h.
 */
final class AdamW implements OptimizerRule {
    @Override
    public String name() {
        return "adamw";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("learning_rate", 0.001, "beta1", 0.9, "beta2", 0.999, "epsilon", 1e-6, "correct_bias", 1.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "beta1");
        Checks.fraction(settings, "beta2");
        Checks.positive(settings, "epsilon");
        Checks.flag(settings, "correct_bias");
    }

    @Override
    public int states(Settings settings) {
        return 2;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        if (step.rescaleGrad() == 0) {
            return;
        }
        float eta = (float) (step.settings().on("correct_bias") ? Adam.corrected(step) : step.learningRate());
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float beta1 = (float) step.get("beta1");
        float beta2 = (float) step.get("beta2");
        float epsilon = (float) step.get("epsilon");
        float[] mean = states[0];
        float[] variance = states[1];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            float m = beta1 * mean[i] + (1 - beta1) * g;
            float v = beta2 * variance[i] + (1 - beta2) * (g * g);
            mean[i] = m;
            variance[i] = v;
            weight[i] = weight[i] - eta * (m / ((float) Math.sqrt(v) + epsilon) + wd * weight[i]);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        if (step.rescaleGrad() == 0) {
            return;
        }
        double eta = (step.settings().on("correct_bias") ? Adam.corrected(step) : step.learningRate());
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double beta1 = step.get("beta1");
        double beta2 = step.get("beta2");
        double epsilon = step.get("epsilon");
        double[] mean = states[0];
        double[] variance = states[1];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            double m = beta1 * mean[i] + (1 - beta1) * g;
            double v = beta2 * variance[i] + (1 - beta2) * (g * g);
            mean[i] = m;
            variance[i] = v;
            weight[i] = weight[i] - eta * (m / (Math.sqrt(v) + epsilon) + wd * weight[i]);
        }
    }
}
