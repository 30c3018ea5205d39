package io.kvstore.optimizer;

import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.LentSum;
import io.kvstore.tensor.Outlet;
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
 * <p>{@link #apply} does everything for a tensor that lies in one place. For one cut into slices, anywhere, each slice
 * takes its {@link #sums}, their {@link #combine combination} goes to all, and each does its {@link #update}: the bits are
 * those of the uncut tensor.
 */
public final class OptimizerKernel {
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
        double[] own = sums(optimizer, key, updates, 0, weight, gradient, states);
        double[] sums = combine(optimizer, List.of(own), List.of(weight.length()));
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
        return optimizer.lazyUpdate() && optimizer.rule().lazy() && !takesSums(optimizer);
    }

    /** Whether an update of one slice must know sums over the whole tensor. */
    public static boolean takesSums(Optimizer optimizer) {
        return optimizer.rule().sums(optimizer.settings()) > 0;
    }

    /**
     * The first phase of an update: this slice's part of the whole-tensor sums, as {@link #combine} takes it; may write the
     * states, never the weight. Empty if the rule needs no sums.
     *
     * @param element the slice's first element in the whole tensor
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
        Stage stage = tensors.direct() ? null : new Stage(tensors);
        TreeSum sum = new TreeSum(width, element);
        double[][] terms = new double[width][Math.min(Stage.LENGTH, weight.length())];
        for (int from = 0, count; from < weight.length(); from += count) {
            int toBoundary = Stage.LENGTH - (int) ((element + from) % Stage.LENGTH);
            count = Math.min(toBoundary, weight.length() - from);
            if (stage == null) {
                tensors.terms(rule, step, from, from + count, terms);
            } else {
                stage.load(from, from, 0, count);
                stage.terms(rule, step.at(element + from), count, terms);
                stage.storeStates(from, 0, count);
            }
            sum.addTerms(terms, count);
        }
        return sum.nodes();
    }

    /**
     * The whole tensor's sums.
     *
     * @param parts what the slices took, in their order
     * @param lengths the slices' numbers of elements
     * @throws IllegalArgumentException if the numbers in a part are not as many as a slice of that length takes
     */
    public static double[] combine(Optimizer optimizer, List<double[]> parts, List<Integer> lengths) {
        TreeSum sum = new TreeSum(optimizer.rule().sums(optimizer.settings()), 0);
        for (int slice = 0; takesSums(optimizer) && slice < parts.size(); slice++) {
            sum.addNodes(parts.get(slice), lengths.get(slice));
        }
        return sum.total();
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
        } else {
            staged(rule, step, tensors, element, null);
        }
    }

    /** Whether {@link #update(Optimizer, Key, long, long, DenseTensor, LentSum, List)} is for weights of that type. */
    public static boolean updatesByBlocks(Optimizer optimizer, DType dtype) {
        return optimizer.isBuiltIn() && !takesSums(optimizer) && (dtype == DType.FLOAT32 || dtype == DType.FLOAT64);
    }

    /**
     * As {@link #update(Optimizer, Key, long, long, DenseTensor, DenseTensor, List, double[])} without sums over the tensor,
     * by a gradient that is added up block by block on the way, and with an outlet for the new weight.
     */
    public static void update(
            Optimizer optimizer,
            Key key,
            long updates,
            long element,
            DenseTensor weight,
            LentSum gradient,
            List<DenseTensor> states) {
        checkShape(weight, gradient.shape());
        Step step = optimizer.step(key, updates, element, NO_SUMS);
        Tensors tensors = Tensors.of(optimizer, weight, gradient, states);
        staged(optimizer.rule(), step, tensors, element, gradient.outlet());
    }

    private static void staged(OptimizerRule rule, Step step, Tensors tensors, long element, Outlet outlet) {
        Stage stage = new Stage(tensors);
        for (int from = 0, count; from < tensors.length(); from += count) {
            count = Math.min(Stage.LENGTH, tensors.length() - from);
            stage.load(from, from, 0, count);
            stage.update(rule, step.at(element + from), count);
            stage.store(from, 0, count);
            if (outlet != null) {
                stage.give(outlet, from, count);
            }
        }
    }

    private static void checkShape(DenseTensor weight, Shape given) {
        if (!given.equals(weight.shape())) {
            throw new IllegalArgumentException(
                    "the gradient must have the weight's shape " + weight.shape() + ", given " + given);
        }
    }
}
