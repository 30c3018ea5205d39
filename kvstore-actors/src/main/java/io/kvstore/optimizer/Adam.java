package io.kvstore.optimizer;

import java.util.Map;

/**
 * Adam with bias correction.
 *
 * <pre>
 *   lr_t = lr * sqrt(1 - beta2^t) / (1 - beta1^t)                     t: the key's update count
 *   g' = clip(rescale_grad * g + wd * w)
 *   m = beta1 * m + (1 - beta1) * g'                                  state 0
 *   v = beta2 * v + (1 - beta2) * g'^2                                state 1
 *   w = w - lr_t * m / (sqrt(v) + epsilon)
 * </pre>
 *
 * The decay is inside the limit, as in MXNet. Row-sparse gradients are lazy; t is the key's count for every row.
 *
 * <p>Sources: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015; MXNet 1.9,
 * python/mxnet/optimizer/optimizer.py and src/operator/optimizer_op-inl.h, adam_update.
 */
final class Adam implements OptimizerRule {
    @Override
    public String name() {
        return "adam";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("learning_rate", 0.001, "beta1", 0.9, "beta2", 0.999, "epsilon", 1e-8);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "beta1");
        Checks.fraction(settings, "beta2");
        Checks.positive(settings, "epsilon");
    }

    @Override
    public int states(Settings settings) {
        return 2;
    }

    @Override
    public boolean lazy() {
        return true;
    }

    /** The bias corrected rate. */
    static double corrected(Step step) {
        double first = 1 - StrictMath.pow(step.get("beta1"), step.count());
        double second = 1 - StrictMath.pow(step.get("beta2"), step.count());
        return step.learningRate() * Math.sqrt(second) / first;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float lr = (float) corrected(step);
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float beta1 = (float) step.get("beta1");
        float beta2 = (float) step.get("beta2");
        float epsilon = (float) step.get("epsilon");
        float[] mean = states[0];
        float[] variance = states[1];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            float m = beta1 * mean[i] + (1 - beta1) * g;
            float v = beta2 * variance[i] + (1 - beta2) * g * g;
            mean[i] = m;
            variance[i] = v;
            weight[i] = weight[i] - lr * m / ((float) Math.sqrt(v) + epsilon);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double lr = corrected(step);
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double beta1 = step.get("beta1");
        double beta2 = step.get("beta2");
        double epsilon = step.get("epsilon");
        double[] mean = states[0];
        double[] variance = states[1];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            double m = beta1 * mean[i] + (1 - beta1) * g;
            double v = beta2 * variance[i] + (1 - beta2) * g * g;
            mean[i] = m;
            variance[i] = v;
            weight[i] = weight[i] - lr * m / (Math.sqrt(v) + epsilon);
        }
    }
}
