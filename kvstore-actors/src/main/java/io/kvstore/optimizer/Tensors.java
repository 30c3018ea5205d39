package io.kvstore.optimizer;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import java.util.List;

/**
 * The tensors of one update.
 *
 * @param weight what users see
 * @param master what the rule updates: the weight itself, or its float32 copy
 * @param gradient of the weight's type; its length may differ where only rows of it are given. One that is no {@link
 *     DenseTensor} is of the type in which the rule computes
 * @param states the rule's own
 */
record Tensors(DenseTensor weight, DenseTensor master, Dense gradient, List<DenseTensor> states) {

    static Tensors of(Optimizer optimizer, DenseTensor weight, Dense gradient, List<DenseTensor> states) {
        boolean mixed = mixed(optimizer, weight.dtype());
        int expected = optimizer.rule().states(optimizer.settings()) + (mixed ? 1 : 0);
        if (states.size() != expected) {
            throw new IllegalArgumentException(optimizer + " has " + expected + " state tensors for a " + weight.dtype()
                    + " weight, given " + states.size());
        }
        if (gradient.dtype() != weight.dtype()) {
            throw new IllegalArgumentException(
                    "the gradient must be " + weight.dtype() + " as the weight, given " + gradient.dtype());
        }
        DenseTensor master = mixed ? states.get(0) : weight;
        return new Tensors(weight, master, gradient, mixed ? states.subList(1, states.size()) : states);
    }

    /** Whether the weight has a float32 master copy, state 0. */
    static boolean mixed(Optimizer optimizer, DType dtype) {
        return mixed(optimizer.multiPrecision(), dtype);
    }

    static boolean mixed(boolean multiPrecision, DType dtype) {
        return multiPrecision && dtype.bytes() == 2;
    }

    /** The type in which the rule computes. */
    DType work() {
        return weight.dtype() == DType.FLOAT64 ? DType.FLOAT64 : DType.FLOAT32;
    }

    /** Whether the rule can work on the tensors themselves. */
    boolean direct() {
        return weight.dtype() == work() && gradient instanceof DenseTensor;
    }

    int length() {
        return weight.length();
    }

    /** Updates elements {@code from} to {@code to - 1} in place. */
    void update(OptimizerRule rule, Step step, int from, int to) {
        if (work() == DType.FLOAT64) {
            rule.update(step, weight.doubles(), (double[]) gradient.arrayOrNull(), doubles(), from, to);
        } else {
            rule.update(step, weight.floats(), (float[]) gradient.arrayOrNull(), floats(), from, to);
        }
    }

    /** The terms of elements {@code from} to {@code to - 1}. */
    void terms(OptimizerRule rule, Step step, int from, int to, double[][] terms) {
        if (work() == DType.FLOAT64) {
            rule.terms(step, weight.doubles(), (double[]) gradient.arrayOrNull(), doubles(), from, to, terms);
        } else {
            rule.terms(step, weight.floats(), (float[]) gradient.arrayOrNull(), floats(), from, to, terms);
        }
    }

    private float[][] floats() {
        return states.stream().map(DenseTensor::floats).toArray(float[][]::new);
    }

    private double[][] doubles() {
        return states.stream().map(DenseTensor::doubles).toArray(double[][]::new);
    }
}
