package io.kvstore.optimizer;

import java.util.Map;

/**
 * FTML: follow the moving leader.
 *
 * <pre>
 *   g' = clip(rescale_grad * g + wd * w)
 *   v = beta2 * v + (1 - beta2) * g'^2                                 state 1
 *   e = (1 - beta1^t) / lr * (sqrt(v / (1 - beta2^t)) + epsilon)       t: the key's update count
 *   z = beta1 * z + (1 - beta1) * g' - (e - beta1 * d) * w             state 2
 *   d = e                                                              state 0
 *   w = -z / d
 * </pre>
 *
 * A rate of 0 changes nothing (the formula would divide by it).
 *
 * <p>Sources: Zheng and Kwok, "Follow the Moving Leader in Deep Learning", 2017; MXNet 1.9,
 * src/operator/optimizer_op-inl.h, ftml_update.
 */
final class Ftml implements OptimizerRule {
    @Override
    public String name() {
        return "ftml";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("beta1", 0.6, "beta2", 0.999, "epsilon", 1e-8);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "beta1");
        Checks.fraction(settings, "beta2");
        Checks.positive(settings, "epsilon");
    }

    @Override
    public int states(Settings settings) {
        return 3;
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
        float beta1 = (float) step.get("beta1");
        float beta2 = (float) step.get("beta2");
        float epsilon = (float) step.get("epsilon");
        float scale = (1 - (float) StrictMath.pow(beta1, step.count())) / lr;
        float correction = 1 - (float) StrictMath.pow(beta2, step.count());
        float[] divisor = states[0];
        float[] variance = states[1];
        float[] leader = states[2];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            float v = beta2 * variance[i] + (1 - beta2) * (g * g);
            float d = scale * ((float) Math.sqrt(v / correction) + epsilon);
            float z = beta1 * leader[i] + (1 - beta1) * g - (d - beta1 * divisor[i]) * weight[i];
            variance[i] = v;
            divisor[i] = d;
            leader[i] = z;
            weight[i] = -z / d;
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
        double beta1 = step.get("beta1");
        double beta2 = step.get("beta2");
        double epsilon = step.get("epsilon");
        double scale = (1 - StrictMath.pow(beta1, step.count())) / lr;
        double correction = 1 - StrictMath.pow(beta2, step.count());
        double[] divisor = states[0];
        double[] variance = states[1];
        double[] leader = states[2];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            double v = beta2 * variance[i] + (1 - beta2) * (g * g);
            double d = scale * (Math.sqrt(v / correction) + epsilon);
            double z = beta1 * leader[i] + (1 - beta1) * g - (d - beta1 * divisor[i]) * weight[i];
            variance[i] = v;
            divisor[i] = d;
            leader[i] = z;
            weight[i] = -z / d;
        }
    }
}
