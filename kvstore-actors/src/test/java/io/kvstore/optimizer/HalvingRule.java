package io.kvstore.optimizer;

import java.util.Map;

/** A user's rule: {@code w = w * keep - g}. */
public class HalvingRule implements OptimizerRule {
    @Override
    public String name() {
        return "Halving";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("learning_rate", 0.25, "keep", 0.5);
    }

    @Override
    public int states(Settings settings) {
        return 0;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        for (int i = from; i < to; i++) {
            weight[i] = weight[i] * (float) step.get("keep") - gradient[i];
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        for (int i = from; i < to; i++) {
            weight[i] = weight[i] * step.get("keep") - gradient[i];
        }
    }
}
