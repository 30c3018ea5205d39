package io.kvstore.optimizer;

/** Range checks of a schedule's numbers, with one wording. */
final class Ranges {
    private Ranges() {}

    static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " must be " + least + " or greater, given " + value);
        }
    }

    static void rate(String name, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(name + " must be 0 or greater and finite, given " + value);
        }
    }

    static void factor(double value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException("factor must be in [0, 1], given " + value);
        }
    }

    static void given(Warmup warmup) {
        if (warmup == null) {
            throw new IllegalArgumentException("warmup must not be null; Warmup.NONE is none");
        }
    }

    static void afterWarmup(long maxUpdate, Warmup warmup) {
        given(warmup);
        atLeast("max_update", maxUpdate, 1);
        if (maxUpdate <= warmup.steps()) {
            throw new IllegalArgumentException(
                    "max_update must be greater than warmup_steps " + warmup.steps() + ", given " + maxUpdate);
        }
    }

    /** How much of the way from warm-up to {@code maxUpdate} is behind, 1 from there on. */
    static double progress(long update, long maxUpdate, Warmup warmup) {
        return Math.min(1, (double) (update - warmup.steps()) / (maxUpdate - warmup.steps()));
    }
}
