package io.kvstore.optimizer;

import java.util.Objects;

/**
 * The first updates of a {@link Schedule}, at rates that do not yet follow it.
 *
 * @param steps the schedule proper begins with this update; 0 for no warm-up
 * @param beginRate the rate from which a linear warm-up rises to the optimizer's learning rate, or the constant rate
 * @param mode how the rate changes
 */
public record Warmup(long steps, double beginRate, Mode mode) {
    /** How the rate changes during a warm-up. */
    public enum Mode {
        /** {@code begin + (learning_rate - begin) * update / steps}. */
        LINEAR,
        /** {@code begin} throughout. */
        CONSTANT
    }

    /** No warm-up. */
    public static final Warmup NONE = new Warmup(0, 0, Mode.LINEAR);

    /** @throws IllegalArgumentException if {@code steps} is negative or {@code beginRate} negative or not finite */
    public Warmup {
        Ranges.atLeast("warmup_steps", steps, 0);
        Ranges.rate("warmup_begin_lr", beginRate);
        Objects.requireNonNull(mode, "warmup_mode must be linear or constant, given null");
    }

    public static Warmup linear(long steps, double beginRate) {
        return new Warmup(steps, beginRate, Mode.LINEAR);
    }

    public static Warmup constant(long steps, double beginRate) {
        return new Warmup(steps, beginRate, Mode.CONSTANT);
    }

    /** The rate for an update before {@code steps}. */
    double rate(double base, long update) {
        return mode == Mode.CONSTANT ? beginRate : beginRate + (base - beginRate) * update / steps;
    }
}
