package io.kvstore.optimizer;

import io.kvstore.Key;
import io.kvstore.tensor.DType;
import java.util.Arrays;
import java.util.Optional;

/**
 * One update of one key as a device's kernel takes it: which kernel, and the numbers in its formula, computed here so
 * that they have the bits of the host's.
 *
 * @param rule the kernel's name: {@code sgd}, {@code momentum} or {@code adam}
 * @param master whether the first state is the float32 copy of a 16-bit weight
 * @param states how many state tensors the key has, the master copy among them
 * @param coefficients {@value #COEFFICIENTS} numbers in the order of the kernel, filled up with zeros; all are float32
 *     values unless the weight is float64
 */
public record DeviceStep(String rule, boolean master, int states, double[] coefficients) {
    /** How many states a kernel's rule has at the most, besides the master copy. */
    public static final int MOST_STATES = 2;

    private static final int COEFFICIENTS = 8;

    /** Whether there is a kernel for it; else the host's arithmetic applies it. */
    public static boolean isPossible(Optimizer optimizer, DType dtype) {
        return OptimizerKernel.supports(dtype) && (optimizer.rule() instanceof Sgd || optimizer.rule() instanceof Adam);
    }

    /**
     * The update, if it is {@linkplain #isPossible possible}.
     *
     * @param updates the number of this update of the key, from 1
     */
    public static Optional<DeviceStep> of(Optimizer optimizer, Key key, long updates, DType dtype) {
        if (!isPossible(optimizer, dtype)) {
            return Optional.empty();
        }
        Step step = optimizer.step(key, updates, 0, new double[0]);
        boolean wide = dtype == DType.FLOAT64;
        double[] coefficients;
        String kernel;
        if (optimizer.rule() instanceof Sgd) {
            coefficients = wide ? sgd(step) : sgdOfFloats(step);
            kernel = step.get("momentum") == 0 ? "sgd" : "momentum";
        } else {
            coefficients = adam(step);
            kernel = "adam";
        }
        boolean master = Tensors.mixed(optimizer, dtype);
        int states = optimizer.rule().states(optimizer.settings()) + (master ? 1 : 0);
        return Optional.of(new DeviceStep(kernel, master, states, wide ? coefficients : rounded(coefficients)));
    }

    /** As {@link Sgd} computes them of a float64 weight. */
    private static double[] sgd(Step step) {
        double lr = step.learningRate();
        double rescale = step.rescaleGrad();
        return filled(
                lr * step.wd(),
                step.clips() ? lr : 1,
                step.clips() ? rescale : lr * rescale,
                step.clip(),
                step.get("momentum"));
    }

    /** As {@link Sgd} computes them of a float32 weight, each product rounded. */
    private static double[] sgdOfFloats(Step step) {
        float lr = (float) step.learningRate();
        float rescale = (float) step.rescaleGrad();
        return filled(
                lr * (float) step.wd(),
                step.clips() ? lr : 1,
                step.clips() ? rescale : lr * rescale,
                step.clip(),
                step.get("momentum"));
    }

    private static double[] adam(Step step) {
        return filled(
                Adam.corrected(step),
                step.wd(),
                step.rescaleGrad(),
                step.clip(),
                step.get("beta1"),
                step.get("beta2"),
                step.get("epsilon"));
    }

    private static double[] filled(double... coefficients) {
        return Arrays.copyOf(coefficients, COEFFICIENTS);
    }

    private static double[] rounded(double[] coefficients) {
        double[] floats = new double[coefficients.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) coefficients[i];
        }
        return floats;
    }
}
