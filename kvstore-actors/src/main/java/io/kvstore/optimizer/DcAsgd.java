package io.kvstore.optimizer;

import java.util.Map;

/**
 * Delay compensated asynchronous stochastic gradient descent.
 *
 * <pre>
 *   g' = clip(rescale_grad * g)
 *   v = momentum * v - lr * (g' + wd * w + lamda * g'^2 * (w - p))     state 1, only with momentum
 *   p = w                                                              state 0, at first the weight
 *   w = w + v
 * </pre>
 *
 * p is the weight before the key's last update, as in MXNet (the paper has one for each worker). With momentum MXNet 1.9
 * fails; this is what its source intends. The setting is spelled as in MXNet.
 *
 * <p>Sources: Zheng et al., "Asynchronous Stochastic Gradient Descent with Delay Compensation", 2017; MXNet 1.9,
 * python/mxnet/optimizer/optimizer.py.
 */
final class DcAsgd implements OptimizerRule {
    @Override
    public String name() {
        return "dcasgd";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("momentum", 0.0, "lamda", 0.04);
    }

    @Override
    public void check(Settings settings) {
        Checks.unit(settings, "momentum");
        Checks.notNegative(settings, "lamda");
    }

    @Override
    public int states(Settings settings) {
        return settings.get("momentum") == 0 ? 1 : 2;
    }

    @Override
    public boolean startsAsWeight(int state) {
        return state == 0;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        if (states.length == 1) {
            plain(step, weight, gradient, states[0], from, to);
        } else {
            momentum(step, weight, gradient, states[0], states[1], from, to);
        }
    }

    private static void plain(Step step, float[] weight, float[] gradient, float[] previous, int from, int to) {
        float lr = (float) step.learningRate();
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float lamda = (float) step.get("lamda");
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            float w = weight[i];
            float v = -lr * (g + wd * w + lamda * g * g * (w - previous[i]));
            previous[i] = w;
            weight[i] = w + v;
        }
    }

    private static void momentum(
            Step step, float[] weight, float[] gradient, float[] previous, float[] velocity, int from, int to) {
        float lr = (float) step.learningRate();
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float lamda = (float) step.get("lamda");
        float momentum = (float) step.get("momentum");
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            float w = weight[i];
            float v = momentum * velocity[i] - lr * (g + wd * w + lamda * g * g * (w - previous[i]));
            previous[i] = w;
            velocity[i] = v;
            weight[i] = w + v;
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        if (states.length == 1) {
            plain(step, weight, gradient, states[0], from, to);
        } else {
            momentum(step, weight, gradient, states[0], states[1], from, to);
        }
    }

    private static void plain(Step step, double[] weight, double[] gradient, double[] previous, int from, int to) {
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double lamda = step.get("lamda");
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            double w = weight[i];
            double v = -lr * (g + wd * w + lamda * g * g * (w - previous[i]));
            previous[i] = w;
            weight[i] = w + v;
        }
    }

    private static void momentum(
            Step step, double[] weight, double[] gradient, double[] previous, double[] velocity, int from, int to) {
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double lamda = step.get("lamda");
        double momentum = step.get("momentum");
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i]));
            double w = weight[i];
            double v = momentum * velocity[i] - lr * (g + wd * w + lamda * g * g * (w - previous[i]));
            previous[i] = w;
            velocity[i] = v;
            weight[i] = w + v;
        }
    }
}
