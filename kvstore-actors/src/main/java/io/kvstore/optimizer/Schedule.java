package io.kvstore.optimizer;

/** The learning rate as a function of how often a key was updated. Implementations are immutable values. */
public interface Schedule {

    /**
     * The rate for an update.
     *
     * @param base the optimizer's learning rate
     * @param update the number of the update, from 1
     */
    double rate(double base, long update);
}
