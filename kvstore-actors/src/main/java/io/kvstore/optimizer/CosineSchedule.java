package io.kvstore.optimizer;

/**
 * {@code finalRate + (learning_rate - finalRate) * (1 + cos(pi * p)) / 2}, with p the part of the way from the end of
 * the warm-up to {@code maxUpdate}; {@code finalRate} from there on.
 *
 * <p>Source: Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts", 2017 (here without
 * restarts).
 *
 * @param maxUpdate greater than the warm-up's steps
 * @param finalRate the last rate
 * @param warmup what happens before
 */
public record CosineSchedule(long maxUpdate, double finalRate, Warmup warmup) implements Schedule {

    /** @throws IllegalArgumentException if a number is out of range */
    public CosineSchedule {
        Ranges.afterWarmup(maxUpdate, warmup);
        Ranges.rate("final_lr", finalRate);
    }

    @Override
    public Schedule withWarmup(Warmup other) {
        return new CosineSchedule(maxUpdate, finalRate, other);
    }

    @Override
    public double mainRate(double base, long update) {
        double done = Ranges.progress(update, maxUpdate, warmup);
        return finalRate + (base - finalRate) * (1 + StrictMath.cos(Math.PI * done)) / 2;
    }
}
