package io.kvstore.optimizer;

import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Outlet;
import java.util.ArrayList;
import java.util.List;

/**
 * A small copy of a part of the weight, its states and its gradient, lined up for a rule's kernel: for 16-bit weights,
 * whose arithmetic is float32, and for rows gathered from all over a tensor.
 *
 * <p>The arrays hold {@value #LENGTH} elements each, few enough for the processor's nearest caches, and belong to the
 * thread.
 */
final class Stage {
    static final int LENGTH = 8192;

    private static final ThreadLocal<List<float[]>> FLOATS = ThreadLocal.withInitial(ArrayList::new);
    private static final ThreadLocal<List<double[]>> DOUBLES = ThreadLocal.withInitial(ArrayList::new);

    private final Tensors tensors;
    private final DType dtype;
    private final Object weight;
    private final Object gradient;
    private final Object[] states;

    Stage(Tensors tensors) {
        this.tensors = tensors;
        this.dtype = tensors.work();
        weight = array(0);
        gradient = array(1);
        states = dtype == DType.FLOAT64
                ? new double[tensors.states().size()][]
                : new float[tensors.states().size()][];
        for (int k = 0; k < states.length; k++) {
            states[k] = array(2 + k);
        }
    }

    private Object array(int index) {
        if (dtype == DType.FLOAT64) {
            List<double[]> mine = DOUBLES.get();
            while (mine.size() <= index) {
                mine.add(new double[LENGTH]);
            }
            return mine.get(index);
        }
        List<float[]> mine = FLOATS.get();
        while (mine.size() <= index) {
            mine.add(new float[LENGTH]);
        }
        return mine.get(index);
    }

    /** Copies tensor elements from {@code from}, and gradient elements from {@code gradientFrom}, to {@code at}. */
    void load(int from, int gradientFrom, int at, int count) {
        copyIn(tensors.master(), from, weight, at, count);
        if (tensors.gradient() instanceof DenseTensor given) {
            copyIn(given, gradientFrom, gradient, at, count);
        } else {
            tensors.gradient().read(gradientFrom, gradient, at, count);
        }
        for (int k = 0; k < states.length; k++) {
            copyIn(tensors.states().get(k), from, states[k], at, count);
        }
    }

    private void copyIn(DenseTensor source, int from, Object target, int at, int count) {
        Casts.convert(source.dtype(), source.data(), from, dtype, target, at, count);
    }

    /** Copies weight and states back to where they came from. */
    void store(int from, int at, int count) {
        copyOut(weight, at, tensors.master(), from, count);
        if (tensors.master() != tensors.weight()) {
            copyOut(weight, at, tensors.weight(), from, count);
        }
        storeStates(from, at, count);
    }

    /** Gives the first {@code count} elements of the weight that was {@link #store stored}, if that is the master itself. */
    void give(Outlet outlet, int from, int count) {
        outlet.take(from, dtype, weight, 0, count);
    }

    /** Copies the states alone back to where they came from. */
    void storeStates(int from, int at, int count) {
        for (int k = 0; k < states.length; k++) {
            copyOut(states[k], at, tensors.states().get(k), from, count);
        }
    }

    private void copyOut(Object source, int at, DenseTensor target, int from, int count) {
        Casts.convert(dtype, source, at, target.dtype(), target.data(), from, count);
    }

    /** Lets the rule update the first {@code count} elements. */
    void update(OptimizerRule rule, Step step, int count) {
        if (dtype == DType.FLOAT64) {
            rule.update(step, (double[]) weight, (double[]) gradient, (double[][]) states, 0, count);
        } else {
            rule.update(step, (float[]) weight, (float[]) gradient, (float[][]) states, 0, count);
        }
    }

    /** Lets the rule give the terms of the first {@code count} elements. */
    void terms(OptimizerRule rule, Step step, int count, double[][] terms) {
        if (dtype == DType.FLOAT64) {
            rule.terms(step, (double[]) weight, (double[]) gradient, (double[][]) states, 0, count, terms);
        } else {
            rule.terms(step, (float[]) weight, (float[]) gradient, (float[][]) states, 0, count, terms);
        }
    }
}
