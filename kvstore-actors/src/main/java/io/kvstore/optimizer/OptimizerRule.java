package io.kvstore.optimizer;

import java.util.Map;

/**
 * The arithmetic of one optimizer: how a gradient changes a weight.
 *
 * <p>A rule is stateless and safe for use by many threads; what it remembers of a weight lies in state arrays of the
 * weight's length, all 0 at first, that the store keeps beside the weight. The built-in rules are of this type. A
 * user's own is found by its {@link #name} through {@link java.util.ServiceLoader}; only its name and settings are ever
 * stored or sent, never code.
 *
 * <p>The kernels work on the elements {@code from} to {@code to - 1} of arrays that are lined up: element {@code i} has
 * its weight at {@code weight[i]}, its gradient at {@code gradient[i]} and its state {@code k} at {@code states[k][i]}.
 * (One index for all arrays lets Java vectorise the loop.) They write weight and states in place, read the gradient,
 * and allocate nothing. A range is any part of the tensor: the result must not depend on how the tensor is cut. 16-bit
 * weights come as float32.
 */
public interface OptimizerRule {

    /** The name by which users choose the rule, in lower case. */
    String name();

    /**
     * The rule's own settings with their defaults, under MXNet's names; booleans are 0 and 1. An entry
     * {@code learning_rate} gives the rule a default rate other than 0.01.
     */
    Map<String, Double> settings();

    /**
     * Refuses bad settings.
     *
     * @throws IllegalArgumentException naming the setting, what is allowed and what was given
     */
    default void check(Settings settings) {}

    /** How many state arrays a weight has under these settings. */
    int states(Settings settings);

    /** Whether state {@code state} begins as a copy of the weight instead of zeros. */
    default boolean startsAsWeight(int state) {
        return false;
    }

    /**
     * Whether a row-sparse gradient may be applied to its rows alone, leaving the others and their states untouched. The
     * kernel must then not use {@link Step#element}; a rule that takes whole-tensor sums is never applied so.
     */
    default boolean lazy() {
        return false;
    }

    /** How many sums over the whole tensor are taken before the update; {@link Step#sums} has them then. */
    default int sums(Settings settings) {
        return 0;
    }

    /**
     * Writes the terms of the whole-tensor sums: what element {@code i} adds to sum {@code k} goes to {@code terms[k][i -
     * from]}. The store adds them up. Called once for every element before the first {@link #update}; may write the states.
     */
    default void terms(
            Step step, float[] weight, float[] gradient, float[][] states, int from, int to, double[][] terms) {}

    /** As the float32 form. */
    default void terms(
            Step step, double[] weight, double[] gradient, double[][] states, int from, int to, double[][] terms) {}

    /** Updates a range of a float32 weight. */
    void update(Step step, float[] weight, float[] gradient, float[][] states, int from, int to);

    /** Updates a range of a float64 weight. */
    void update(Step step, double[] weight, double[] gradient, double[][] states, int from, int to);
}
