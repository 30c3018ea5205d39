package io.kvstore.cluster.session;

import io.kvstore.optimizer.OptimizerRule;
import io.kvstore.optimizer.Settings;
import io.kvstore.optimizer.Step;
import java.util.Map;

/** {@code w = w + rescale * g}, if the sum of the whole key's gradient is greater than 0; so slices must exchange sums. */
public final class SummingRule implements OptimizerRule {
    @Override
    public String name() {
        return "summing";
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
    public int sums(Settings settings) {
        return 1;
    }

    @Override
    public void terms(
            Step step, float[] weight, float[] gradient, float[][] states, int from, int to, double[][] terms) {
        for (int i = from; i < to; i++) {
            terms[0][i - from] = gradient[i];
        }
    }

    @Override
    public void terms(
            Step step, double[] weight, double[] gradient, double[][] states, int from, int to, double[][] terms) {
        System.arraycopy(gradient, from, terms[0], 0, to - from);
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float factor = step.sums()[0] > 0 ? (float) step.rescaleGrad() : 0;
        for (int i = from; i < to; i++) {
            weight[i] += factor * gradient[i];
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double factor = step.sums()[0] > 0 ? step.rescaleGrad() : 0;
        for (int i = from; i < to; i++) {
            weight[i] += factor * gradient[i];
        }
    }
}
