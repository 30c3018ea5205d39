package io.kvstore.optimizer;

/**
 * {@code finalRate + (learning_rate - finalRate) * (1 - p)^power}, with p the part of the way from the end of the
 * warm-up to {@code maxUpdate}; {@code finalRate} from there on.
 *
 * @param maxUpdate greater than the warm-up's steps
 * @param power not negative; MXNet's default is 2
 * @param finalRate the last rate
 * @param warmup what happens before
 */
public record PolySchedule(long maxUpdate, double power, double finalRate, Warmup warmup) implements Schedule {

    /** @throws IllegalArgumentException if a number is out of range */
    public PolySchedule {
        Ranges.afterWarmup(maxUpdate, warmup);
        Ranges.rate("pwr", power);
        Ranges.rate("final_lr", finalRate);
    }

    @Override
    public Schedule withWarmup(Warmup other) {
        return new PolySchedule(maxUpdate, power, finalRate, other);
    }

    @Override
    public double mainRate(double base, long update) {
        double left = 1 - Ranges.progress(update, maxUpdate, warmup);
        return left == 0 ? finalRate : finalRate + (base - finalRate) * StrictMath.pow(left, power);
    }
}
