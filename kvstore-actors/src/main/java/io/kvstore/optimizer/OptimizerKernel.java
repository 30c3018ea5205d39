package io.kvstore.optimizer;

import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Applies an {@link Optimizer} to the tensors of one key, or of one slice of it. Stateless; the caller owns every
 * tensor it passes.
 *
 * <p>float32 and float64 weights are updated in place, with states of their type. A 16-bit weight is computed in
 * float32: with {@code multi_precision} its first state is a float32 master copy, the other states are float32, and
 * the weight is the master rounded; without, weight and states are 16-bit and are rounded once per update (MXNet rounds
 * every single operation).
 *
 * <p>{@link #apply} does everything for a tensor that lies in one place. For one cut into slices, at multiples of
 * {@value #SUM_BLOCK} elements, each slice takes its {@link #sums}, their {@link #combine combination} goes to all, and
 * each does its {@link #update}: the bits are those of the uncut tensor.
 */
public final class OptimizerKernel {
    /** The elements in each block of a whole-tensor sum. */
    public static final int SUM_BLOCK = 1 << 16;

    private static final double[] NO_SUMS = {};

    private OptimizerKernel() {}

    /** Whether weights of this type can be updated by an optimizer. */
    public static boolean supports(DType dtype) {
        return dtype.isFloating();
    }

    /** The state tensors that a new weight starts with, taken from {@code pool} and owned by the caller. */
    public static List<DenseTensor> newStates(Optimizer optimizer, DenseTensor weight, BufferPool pool) {
        OptimizerRule rule = optimizer.rule();
        int count = rule.states(optimizer.settings());
        List<DenseTensor> states = new ArrayList<>(count + 1);
        DenseTensor master = weight;
        if (Tensors.mixed(optimizer, weight.dtype())) {
            master = pool.take(DType.FLOAT32, weight.shape());
            Casts.toFloats(weight.dtype(), weight.data(), 0, master.floats(), 0, weight.length());
            states.add(master);
        }
        for (int k = 0; k < count; k++) {
            states.add(rule.startsAsWeight(k) ? pool.copyOf(master) : pool.zeros(master.dtype(), weight.shape()));
        }
        return states;
    }

    /**
     * Updates {@code weight} and {@code states} in place.
     *
     * @param updates the number of this update of the key, from 1
     * @param weight exclusively the caller's
     * @param gradient of the weight's type and shape; only read
     * @param states as {@link #newStates} made them and earlier updates left them
     */
    public static void apply(
            Optimizer optimizer,
            Key key,
            long updates,
            DenseTensor weight,
            DenseTensor gradient,
            List<DenseTensor> states) {
        double[] sums = combine(optimizer, List.of(sums(optimizer, key, updates, 0, weight, gradient, states)));
        update(optimizer, key, updates, 0, weight, gradient, states, sums);
    }

    /**
     * Updates {@code weight} and {@code states} in place by a gradient of which only some rows are given.
     *
     * <p>If {@code lazy_update} is on and the rule has a lazy form (sgd, adam, adagrad, ftrl, test), other rows and
     * their states are not even read; else the missing rows count as zeros.
     *
     * @param gradient of the weight's type and shape; only read
     * @param pool lends the dense gradient that a rule without lazy form needs
     */
    public static void applyRows(
            Optimizer optimizer,
            Key key,
            long updates,
            DenseTensor weight,
            RowSparseTensor gradient,
            List<DenseTensor> states,
            BufferPool pool) {
        checkShape(weight, gradient.shape());
        if (isLazy(optimizer)) {
            Tensors tensors = Tensors.of(optimizer, weight, gradient.rows(), states);
            Rows.update(optimizer.rule(), optimizer.step(key, updates, 0, NO_SUMS), tensors, gradient.idsInPlace());
            return;
        }
        DenseTensor dense = pool.denseCopyOf(gradient);
        try {
            apply(optimizer, key, updates, weight, dense, states);
        } finally {
            dense.release();
        }
    }

    /** Whether {@link #applyRows} touches the given rows alone. */
    public static boolean isLazy(Optimizer optimizer) {
        return optimizer.lazyUpdate() && optimizer.rule().lazy();
    }

    /**
     * The first phase of an update: this slice's part of the whole-tensor sums, block by block; may write the states.
     * Empty if the rule needs no sums.
     *
     * @param element the slice's first element in the whole tensor, a multiple of {@link #SUM_BLOCK}
     */
    public static double[] sums(
            Optimizer optimizer,
            Key key,
            long updates,
            long element,
            DenseTensor weight,
            DenseTensor gradient,
            List<DenseTensor> states) {
        checkShape(weight, gradient.shape());
        OptimizerRule rule = optimizer.rule();
        int width = rule.sums(optimizer.settings());
        if (width == 0) {
            return NO_SUMS;
        }
        Tensors tensors = Tensors.of(optimizer, weight, gradient, states);
        Step step = optimizer.step(key, updates, element, NO_SUMS);
        int blocks = (int) (((long) weight.length() + SUM_BLOCK - 1) / SUM_BLOCK);
        double[] all = new double[blocks * width];
        for (int block = 0; block < blocks; block++) {
            int from = block * SUM_BLOCK;
            double[] sums = new double[width];
            sumBlock(rule, step, tensors, from, (int) Math.min((long) from + SUM_BLOCK, weight.length()), sums);
            System.arraycopy(sums, 0, all, block * width, width);
        }
        return all;
    }

    private static void sumBlock(OptimizerRule rule, Step step, Tensors tensors, int from, int to, double[] sums) {
        if (tensors.direct()) {
            tensors.sum(rule, step, from, to, sums);
            return;
        }
        Stage stage = new Stage(tensors);
        for (int at = from, count; at < to; at += count) {
            count = Math.min(Stage.LENGTH, to - at);
            stage.load(at, at, 0, count);
            stage.sum(rule, step.at(step.element() + at), count, sums);
            stage.store(at, 0, count);
        }
    }

    /** The whole tensor's sums from the parts that its slices took, in the order of the slices. */
    public static double[] combine(Optimizer optimizer, List<double[]> parts) {
        double[] whole = new double[optimizer.rule().sums(optimizer.settings())];
        for (double[] part : parts) {
            for (int i = 0; i < part.length; i++) {
                whole[i % whole.length] += part[i];
            }
        }
        return whole;
    }

    /**
     * The last phase of an update: writes weight and states.
     *
     * @param element the slice's first element in the whole tensor
     * @param sums of the whole tensor, from {@link #combine}
     */
    public static void update(
            Optimizer optimizer,
            Key key,
            long updates,
            long element,
            DenseTensor weight,
            DenseTensor gradient,
            List<DenseTensor> states,
            double[] sums) {
        checkShape(weight, gradient.shape());
        OptimizerRule rule = optimizer.rule();
        Tensors tensors = Tensors.of(optimizer, weight, gradient, states);
        Step step = optimizer.step(key, updates, element, Arrays.copyOf(sums, sums.length));
        if (tensors.direct()) {
            tensors.update(rule, step, 0, weight.length());
            return;
        }
        Stage stage = new Stage(tensors);
        for (int from = 0, count; from < weight.length(); from += count) {
            count = Math.min(Stage.LENGTH, weight.length() - from);
            stage.load(from, from, 0, count);
            stage.update(rule, step.at(element + from), count);
            stage.store(from, 0, count);
        }
    }

    private static void checkShape(DenseTensor weight, Shape given) {
        if (!given.equals(weight.shape())) {
            throw new IllegalArgumentException(
                    "the gradient must have the weight's shape " + weight.shape() + ", given " + given);
        }
    }
}
