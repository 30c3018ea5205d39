package io.kvstore.optimizer;

import java.util.Map;

/**
 * Signum: each weight moves by the rate, in the direction of the sign of the momentum; signSGD without momentum.
 *
 * <pre>
 * with momentum
 *   v = momentum * v - (1 - momentum) * wd * w - (1 - momentum) * clip(rescale_grad * g)      state
 *   w = (1 - lr * wd_lh) * w + lr * sign(v)
 * without
 *   w = (1 - lr * wd) * w - lr * sign(g)
 * </pre>
 *
 * {@code wd_lh} decays the weight outside the sign and needs momentum. The sign of 0 is 0; that of NaN is NaN (MXNet: 0), so that a
 * broken gradient shows.
 *
 * <p>Sources: Bernstein et al., "signSGD: Compressed Optimisation for Non-Convex Problems", 2018; MXNet 1.9,
 * src/operator/optimizer_op-inl.h, signsgd_update and signum_update.
 */
final class Signum implements OptimizerRule {
    // Math.signum is a branch or two for each element; this has none, and every number but 0 is beyond 1.
    private static final float HUGE_F = 0x1p127f;
    private static final double HUGE_D = 0x1p1023;

    @Override
    public String name() {
        return "signum";
    }

    @Override
    public Map<String, Double> settings() {
        return Map.of("momentum", 0.9, "wd_lh", 0.0);
    }

    @Override
    public void check(Settings settings) {
        Checks.unit(settings, "momentum");
        Checks.notNegative(settings, "wd_lh");
        if (settings.get("momentum") == 0 && settings.get("wd_lh") != 0) {
            throw new IllegalArgumentException(
                    "wd_lh must be 0 without momentum, given " + settings.get("wd_lh") + "; set momentum, or use wd");
        }
    }

    @Override
    public int states(Settings settings) {
        return settings.get("momentum") == 0 ? 0 : 1;
    }

    @Override
    public void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to) {
        if (states.length == 0) {
            sign(step, weight, gradient, from, to);
        } else {
            momentum(step, weight, gradient, states[0], from, to);
        }
    }

    private static void sign(Step step, float[] weight, float[] gradient, int from, int to) {
        float lr = (float) step.learningRate();
        float keep = 1 - lr * (float) step.wd();
        for (int i = from; i < to; i++) {
            weight[i] = keep * weight[i] - lr * Math.max(-1, Math.min(1, gradient[i] * HUGE_F * HUGE_F));
        }
    }

    private static void momentum(Step step, float[] weight, float[] gradient, float[] velocity, int from, int to) {
        float lr = (float) step.learningRate();
        float momentum = (float) step.get("momentum");
        float rest = 1 - momentum;
        float decay = rest * (float) step.wd();
        float keep = 1 - lr * (float) step.get("wd_lh");
        float rescale = (float) step.rescaleGrad();
        float clip = (float) step.clip();
        float outer = step.clips() ? rest : 1;
        float inner = step.clips() ? rescale : rest * rescale;
        for (int i = from; i < to; i++) {
            float g = outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
            float v = momentum * velocity[i] - decay * weight[i] - g;
            velocity[i] = v;
            weight[i] = keep * weight[i] + lr * Math.max(-1, Math.min(1, v * HUGE_F * HUGE_F));
        }
    }

    @Override
    public void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to) {
        if (states.length == 0) {
            sign(step, weight, gradient, from, to);
        } else {
            momentum(step, weight, gradient, states[0], from, to);
        }
    }

    private static void sign(Step step, double[] weight, double[] gradient, int from, int to) {
        double lr = step.learningRate();
        double keep = 1 - lr * step.wd();
        for (int i = from; i < to; i++) {
            weight[i] = keep * weight[i] - lr * Math.max(-1, Math.min(1, gradient[i] * HUGE_D * HUGE_D));
        }
    }

    private static void momentum(Step step, double[] weight, double[] gradient, double[] velocity, int from, int to) {
        double lr = step.learningRate();
        double momentum = step.get("momentum");
        double rest = 1 - momentum;
        double decay = rest * step.wd();
        double keep = 1 - lr * step.get("wd_lh");
        double rescale = step.rescaleGrad();
        double clip = step.clip();
        double outer = step.clips() ? rest : 1;
        double inner = step.clips() ? rescale : rest * rescale;
        for (int i = from; i < to; i++) {
            double g = outer * Math.max(-clip, Math.min(clip, inner * gradient[i]));
            double v = momentum * velocity[i] - decay * weight[i] - g;
            velocity[i] = v;
            weight[i] = keep * weight[i] + lr * Math.max(-1, Math.min(1, v * HUGE_D * HUGE_D));
        }
    }
}
