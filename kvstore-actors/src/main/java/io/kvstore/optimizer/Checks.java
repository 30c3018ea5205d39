package io.kvstore.optimizer;

/** Range checks of a rule's settings, with one wording. */
final class Checks {
    private Checks() {}

    /** For a decay rate: 1 would remember for ever and make the bias correction divide by 0. */
    static void fraction(Settings settings, String name) {
        double value = settings.get(name);
        if (!(value >= 0 && (float) value < 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1), as float32 too, given " + value);
        }
    }

    static void unit(Settings settings, String name) {
        double value = settings.get(name);
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(name + " must be in [0, 1], given " + value);
        }
    }

    static void notNegative(Settings settings, String name) {
        double value = settings.get(name);
        if (!(value >= 0)) {
            throw new IllegalArgumentException(name + " must be 0 or greater, given " + value);
        }
    }

    /** For what keeps a divisor from 0, in float32 too. */
    static void positive(Settings settings, String name) {
        double value = settings.get(name);
        if (!((float) value > 0)) {
            throw new IllegalArgumentException(
                    name + " must be greater than 0, as float32 too (" + Float.MIN_VALUE + " or more), given " + value);
        }
    }

    static void flag(Settings settings, String name) {
        double value = settings.get(name);
        if (value != 0 && value != 1) {
            throw new IllegalArgumentException(name + " must be true or false (1 or 0), given " + value);
        }
    }

    static void count(Settings settings, String name) {
        Values.count(name, settings.get(name));
    }
}
