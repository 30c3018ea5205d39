package io.kvstore.optimizer;

import java.util.Map;

/**
 * Stochastic gradient Langevin dynamics: gradient descent with noise that makes the weights samples of a posterior.
 *
 * <pre>
 *   w = w - lr / 2 * (clip(rescale_grad * g) + wd * w) + N(0, lr)      N: normal, with variance lr
 * </pre>
 *
 * The noise is a function of ({@code seed}, key, update count, element) alone, see {@link Noise}: a run repeats, and
 * cutting the tensor changes no bit. MXNet draws it from its global generator.
 *
 * <p>Sources: Welling and Teh, "Bayesian Learning via Stochastic Gradient Langevin Dynamics", 2011; MXNet 1.9,
 * python/mxnet/optimizer/optimizer.py.
 */
final class Sgld implements OptimizerRule {
    @Override
    public String name() {
        return "sgld";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("seed", 0.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.count(settings, "seed");
    }

    @Override
    public int states(Settings settings) {
        return 0;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        Noise noise = new Noise((long) step.get("seed"), step.key(), step.count());
        float half = (float) (step.learningRate() / 2);
        float deviation = (float) Math.sqrt(step.learningRate());
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i])) + wd * weight[i];
            weight[i] = weight[i] - half * g + deviation * (float) noise.normal(step.element() + i);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        Noise noise = new Noise((long) step.get("seed"), step.key(), step.count());
        double half = (step.learningRate() / 2);
        double deviation = Math.sqrt(step.learningRate());
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i])) + wd * weight[i];
            weight[i] = weight[i] - half * g + deviation * noise.normal(step.element() + i);
        }
    }
}
