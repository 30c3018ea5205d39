package io.kvstore.optimizer;

import java.util.Map;

/**
 * The rule for testing stores: {@code w = w + rescale_grad * g}, nothing else.
 *
 * <p>{@code learning_rate}, {@code wd} and {@code clip_gradient} have no effect. Row-sparse gradients are lazy, which for this rule changes
 * nothing. MXNet's also keeps a copy of the weight as its state.
 *
 * <p>Source: MXNet 1.9, python/mxnet/optimizer/optimizer.py, Test (in 2.0 it is another rule).
 */
final class TestRule implements OptimizerRule {
    @Override
    public String name() {
        return "test";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of();
    }

    @Override
    public int states(Settings settings) {
        return 0;
    }

    @Override
    public boolean lazy() {
        return true;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float rescale = (float) step.rescaleGrad();
        for (int i = from; i < to; i++) {
            weight[i] = weight[i] + rescale * gradient[i];
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double rescale = step.rescaleGrad();
        for (int i = from; i < to; i++) {
            weight[i] = weight[i] + rescale * gradient[i];
        }
    }
}
