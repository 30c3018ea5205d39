package io.kvstore.optimizer;

import java.util.Map;

/**
 * Adam with the infinity norm in place of the second moment.
 *
 * <pre>
 *   g' = clip(rescale_grad * g + wd * w)
 *   m = beta1 * m + (1 - beta1) * g'                   state 0
 *   u = max(beta2 * u, |g'|)                           state 1
 *   w = w - lr / (1 - beta1^t) * m / u                 t: the key's update count
 * </pre>
 *
 * An element whose gradients were all 0 keeps its weight; in MXNet 1.9 it becomes NaN (0 / 0).
 *
 * <p>Sources: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015, section 7; MXNet 1.9,
 * python/mxnet/optimizer/optimizer.py.
 */
final class Adamax implements OptimizerRule {
    @Override
    public String name() {
        return "adamax";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("learning_rate", 0.002, "beta1", 0.9, "beta2", 0.999);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "beta1");
        Checks.fraction(settings, "beta2");
    }

    @Override
    public int states(Settings settings) {
        return 2;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        double correction = 1 - StrictMath.pow(step.get("beta1"), step.count());
        float lr = (float) (step.learningRate() / correction);
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float beta1 = (float) step.get("beta1");
        float rest1 = (float) (1 - step.get("beta1"));
        float beta2 = (float) step.get("beta2");
        float[] mean = states[0];
        float[] norm = states[1];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            float m = beta1 * mean[i] + rest1 * g;
            float u = Math.max(beta2 * norm[i], Math.abs(g));
            mean[i] = m;
            norm[i] = u;
            weight[i] = weight[i] - lr * m / Math.max(u, Float.MIN_VALUE);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double correction = 1 - StrictMath.pow(step.get("beta1"), step.count());
        double lr = (step.learningRate() / correction);
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double beta1 = step.get("beta1");
        double rest1 = (1 - step.get("beta1"));
        double beta2 = step.get("beta2");
        double[] mean = states[0];
        double[] norm = states[1];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            double m = beta1 * mean[i] + rest1 * g;
            double u = Math.max(beta2 * norm[i], Math.abs(g));
            mean[i] = m;
            norm[i] = u;
            weight[i] = weight[i] - lr * m / Math.max(u, Double.MIN_VALUE);
        }
    }
}
