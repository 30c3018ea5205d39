package io.kvstore.optimizer;

import java.util.List;

/**
 * {@code learning_rate * factor^k}, k being how many of {@code steps} are less than the update's number: a drop at
 * {@code s} takes effect at update {@code s + 1}.
 *
 * @param steps strictly increasing, the first at least 1
 * @param factor in [0, 1]
 * @param warmup what happens before
 */
public record MultiFactorSchedule(List<Long> steps, double factor, Warmup warmup) implements Schedule {

    /** @throws IllegalArgumentException if there are no steps or a number is out of range */
    public MultiFactorSchedule {
        steps = List.copyOf(steps);
        if (steps.isEmpty()) {
            throw new IllegalArgumentException("step must list at least one update count, given []");
        }
        Ranges.atLeast("step", steps.get(0), 1);
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i) <= steps.get(i - 1)) {
                throw new IllegalArgumentException("step must be strictly increasing, given " + steps);
            }
        }
        Ranges.factor(factor);
        Ranges.given(warmup);
    }

    @Override
    public Schedule withWarmup(Warmup other) {
        return new MultiFactorSchedule(steps, factor, other);
    }

    @Override
    public double mainRate(double base, long update) {
        long drops = steps.stream().filter(step -> step < update).count();
        return base * StrictMath.pow(factor, drops);
    }
}
