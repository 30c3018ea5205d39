package io.kvstore.optimizer;

import java.util.Map;

/**
 * AdaDelta: steps in the units of the weight, without a learning rate.
 *
 * <pre>
 *   g' = clip(rescale_grad * g)
 *   a = rho * a + (1 - rho) * g'^2                     state 0
 *   d = sqrt(b + epsilon) / sqrt(a + epsilon) * g'
 *   b = rho * b + (1 - rho) * d^2                      state 1
 *   w = w - (d + wd * w)
 * </pre>
 *
 * {@code learning_rate}, its schedule and its multipliers have no effect, and {@code wd} is not multiplied by any rate, as
 * in MXNet 1.9.
 *
 * <p>Sources: Zeiler, "ADADELTA: An Adaptive Learning Rate Method", 2012; MXNet 1.9,
 * python/mxnet/optimizer/optimizer.py.
 */
final class AdaDelta implements OptimizerRule {
    @Override
    public String name() {
        return "adadelta";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("rho", 0.9, "epsilon", 1e-5);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "rho");
        Checks.positive(settings, "epsilon");
    }

    @Override
    public int states(Settings settings) {
        return 2;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float rho = (float) step.get("rho");
        float rest = (float) (1 - step.get("rho"));
        float epsilon = (float) step.get("epsilon");
        float[] gradients = states[0];
        float[] deltas = states[1];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            float a = rho * gradients[i] + rest * g * g;
            float d = (float) Math.sqrt(deltas[i] + epsilon) / (float) Math.sqrt(a + epsilon) * g;
            gradients[i] = a;
            deltas[i] = rho * deltas[i] + rest * d * d;
            weight[i] = weight[i] - (d + wd * weight[i]);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double rho = step.get("rho");
        double rest = (1 - step.get("rho"));
        double epsilon = step.get("epsilon");
        double[] gradients = states[0];
        double[] deltas = states[1];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            double a = rho * gradients[i] + rest * g * g;
            double d = Math.sqrt(deltas[i] + epsilon) / Math.sqrt(a + epsilon) * g;
            gradients[i] = a;
            deltas[i] = rho * deltas[i] + rest * d * d;
            weight[i] = weight[i] - (d + wd * weight[i]);
        }
    }
}
