package io.kvstore.optimizer;

import java.util.List;

/**
 * The learning rate as a function of how often a key was updated; an immutable value.
 *
 * <pre>{@code
 * Optimizer.sgd().learningRate(0.1).schedule(Schedule.factor(1000, 0.5).withWarmup(Warmup.linear(100, 0.01)))
 * }</pre>
 *
 * The optimizer's learning rate is the rate from which a schedule starts, and that to which its warm-up leads. The
 * count is the key's own, plus {@code begin_num_update}. MXNet uses the largest count of all keys instead, which is the
 * same wherever all keys are updated equally often.
 *
 * <p>Source: MXNet 1.9, python/mxnet/lr_scheduler.py; here as closed forms, so that the rate does not depend on which
 * counts were asked for before.
 */
public sealed interface Schedule permits FactorSchedule, MultiFactorSchedule, PolySchedule, CosineSchedule {

    /** What happens before the schedule proper. */
    Warmup warmup();

    /** The same schedule after another warm-up. */
    Schedule withWarmup(Warmup warmup);

    /** The rate without warm-up. */
    double mainRate(double base, long update);

    /**
     * The rate for an update.
     *
     * @param base the optimizer's learning rate
     * @param update the number of the update, from 1
     */
    default double rate(double base, long update) {
        return update < warmup().steps() ? warmup().rate(base, update) : mainRate(base, update);
    }

    /** The rate times {@code factor} after every {@code step} updates. */
    static Schedule factor(long step, double factor) {
        return new FactorSchedule(step, factor, FactorSchedule.STOP, Warmup.NONE);
    }

    /** The rate times {@code factor} after each of the update counts {@code steps}. */
    static Schedule multiFactor(List<Long> steps, double factor) {
        return new MultiFactorSchedule(steps, factor, Warmup.NONE);
    }

    /** A fall along a power to {@code finalRate} at update {@code maxUpdate}. */
    static Schedule poly(long maxUpdate, double power, double finalRate) {
        return new PolySchedule(maxUpdate, power, finalRate, Warmup.NONE);
    }

    /** A fall along half a cosine wave to {@code finalRate} at update {@code maxUpdate}. */
    static Schedule cosine(long maxUpdate, double finalRate) {
        return new CosineSchedule(maxUpdate, finalRate, Warmup.NONE);
    }
}
