package io.kvstore.optimizer;

/**
 * {@code max(stopRate, learning_rate * factor^k)} with {@code k = (update - 1) / step}, rounded down: the first drop is
 * at update {@code step + 1}. Drops during the warm-up count.
 *
 * @param step updates between two drops, at least 1
 * @param factor in [0, 1]
 * @param stopRate no drop leads below this rate
 * @param warmup what happens before
 */
public record FactorSchedule(long step, double factor, double stopRate, Warmup warmup) implements Schedule {
    static final double STOP = 1e-8;

    /** @throws IllegalArgumentException if a number is out of range */
    public FactorSchedule {
        Ranges.atLeast("step", step, 1);
        Ranges.factor(factor);
        Ranges.given(warmup);
        Ranges.rate("stop_factor_lr", stopRate);
    }

    @Override
    public Schedule withWarmup(Warmup other) {
        return new FactorSchedule(step, factor, stopRate, other);
    }

    @Override
    public double mainRate(double base, long update) {
        long drops = Math.max(0, (update - 1) / step);
        return drops == 0 ? base : Math.max(stopRate, base * StrictMath.pow(factor, drops));
    }
}
