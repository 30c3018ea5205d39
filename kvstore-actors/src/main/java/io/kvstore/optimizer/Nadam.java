package io.kvstore.optimizer;

import java.util.Map;

/**
 * Adam with Nesterov momentum.
 *
 * <pre>
 *   mu_i = beta1 * (1 - 0.96^(i * schedule_decay) / 2)
 *   S_t = mu_1 * mu_2 * ... * mu_t                     t: the key's update count
 *   g' = clip(rescale_grad * g + wd * w)
 *   m = beta1 * m + (1 - beta1) * g'                   state 0
 *   v = beta2 * v + (1 - beta2) * g'^2                 state 1
 *   n = (1 - mu_t) * g' / (1 - S_t) + mu_(t+1) * m / (1 - S_(t+1))
 *   w = w - lr * n / (sqrt(v / (1 - beta2^t)) + epsilon)
 * </pre>
 *
 * S is each key's own. MXNet keeps one for the whole optimizer and multiplies it at every update of any key, so that its
 * results depend on the number and order of keys; with one key both agree. S includes the factors of the updates that
 * {@code begin_num_update} stands for.
 *
 * <p>Sources: Dozat, "Incorporating Nesterov Momentum into Adam", 2016; MXNet 1.9, python/mxnet/optimizer/optimizer.py.
 */
final class Nadam implements OptimizerRule {
    @Override
    public String name() {
        return "nadam";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("learning_rate", 0.001, "beta1", 0.9, "beta2", 0.999, "epsilon", 1e-8, "schedule_decay", 0.004);
    }

    @Override
    public void check(Settings settings) {
        Checks.fraction(settings, "beta1");
        Checks.fraction(settings, "beta2");
        Checks.positive(settings, "epsilon");
        Checks.notNegative(settings, "schedule_decay");
    }

    @Override
    public int states(Settings settings) {
        return 2;
    }

    private static double mu(Step step, long i) {
        return step.get("beta1") * (1 - 0.5 * StrictMath.pow(0.96, i * step.get("schedule_decay")));
    }

    /** The product of mu_1 to mu_t; once it is too small to change 1 - S its further factors do not matter. */
    private static double product(Step step) {
        double beta1 = step.get("beta1");
        double decay = StrictMath.pow(0.96, step.get("schedule_decay"));
        double power = 1;
        double product = 1;
        for (long i = 1; i <= step.count() && product > 0x1p-60; i++) {
            power *= decay;
            product *= beta1 * (1 - 0.5 * power);
        }
        return product;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        double product = product(step);
        double next = mu(step, step.count() + 1);
        float lr = (float) step.learningRate();
        float wd = (float) step.wd();
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float beta1 = (float) step.get("beta1");
        float rest1 = (float) (1 - step.get("beta1"));
        float beta2 = (float) step.get("beta2");
        float rest2 = (float) (1 - step.get("beta2"));
        float epsilon = (float) step.get("epsilon");
        float ofGradient = (float) (1 - mu(step, step.count()));
        float underGradient = (float) (1 - product);
        float ofMean = (float) next;
        float underMean = (float) (1 - product * next);
        float underVariance = (float) (1 - StrictMath.pow(step.get("beta2"), step.count()));
        float[] mean = states[0];
        float[] variance = states[1];
        for (int i = from; i < to; i++) {
            float g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            float m = beta1 * mean[i] + rest1 * g;
            float v = beta2 * variance[i] + rest2 * g * g;
            mean[i] = m;
            variance[i] = v;
            float n = ofGradient * (g / underGradient) + ofMean * (m / underMean);
            weight[i] = weight[i] - lr * n / ((float) Math.sqrt(v / underVariance) + epsilon);
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        double product = product(step);
        double next = mu(step, step.count() + 1);
        double lr = step.learningRate();
        double wd = step.wd();
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double beta1 = step.get("beta1");
        double rest1 = (1 - step.get("beta1"));
        double beta2 = step.get("beta2");
        double rest2 = (1 - step.get("beta2"));
        double epsilon = step.get("epsilon");
        double ofGradient = (1 - mu(step, step.count()));
        double underGradient = (1 - product);
        double ofMean = next;
        double underMean = (1 - product * next);
        double underVariance = (1 - StrictMath.pow(step.get("beta2"), step.count()));
        double[] mean = states[0];
        double[] variance = states[1];
        for (int i = from; i < to; i++) {
            double g = Math.max(-clip, Math.min(clip, rescale * gradient[i] + wd * weight[i]));
            double m = beta1 * mean[i] + rest1 * g;
            double v = beta2 * variance[i] + rest2 * g * g;
            mean[i] = m;
            variance[i] = v;
            double n = ofGradient * (g / underGradient) + ofMean * (m / underMean);
            weight[i] = weight[i] - lr * n / (Math.sqrt(v / underVariance) + epsilon);
        }
    }
}
