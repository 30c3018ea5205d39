package io.kvstore.optimizer;

import java.util.Map;

/**
 * AdaGrad: each element's rate falls with the sum of its squared gradients.
 *
 * <pre>
 *   g' = clip(rescale_grad * g)
 *   h = h + g'^2                                       state
 *   w = w - lr * (g' / sqrt(h + eps) + wd * w)
 * </pre>
 *
 * Row-sparse gradients are lazy; MXNet refuses them together with {@code wd}, here the given rows decay.
 *
 * <p>Sources: Duchi, Hazan and Singer, "Adaptive Subgradient Methods for Online Learning and Stochastic Optimization",
 * 2011; MXNet 1.9, python/mxnet/optimizer/optimizer.py.
 */
final class AdaGrad implements OptimizerRule {
    @Override
    public String name() {
        return "adagrad";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("eps", 1e-7);
    }

    @Override
    public void check(Settings settings) {
        Checks.positive(settings, "eps");
    }

    @Override
    public int states(Settings settings) {
        return 1;
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
        float eps = (float) step.get("eps");
        float[] history = states[0];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            float h = history[i] + g * g;
            history[i] = h;
            weight[i] = weight[i] - lr * (g / (float) Math.sqrt(h + eps) + wd * weight[i]);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double eps = step.get("eps");
        double[] history = states[0];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            double h = history[i] + g * g;
            history[i] = h;
            weight[i] = weight[i] - lr * (g / Math.sqrt(h + eps) + wd * weight[i]);
        }
    }
}
