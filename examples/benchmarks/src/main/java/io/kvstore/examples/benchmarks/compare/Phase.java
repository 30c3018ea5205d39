package io.kvstore.examples.benchmarks.compare;

/** Under which condition the sides are measured. */
enum Phase {
    /** They play rounds. */
    PLAYING("", false),

    /** They play rounds, and a core with nothing to do may sleep, from which it wakes up late. */
    IDLE_CORES(", idle cores", false),

    /** They play rounds while something of the lowest priority keeps every core awake. */
    AWAKE_CORES(", cores kept awake", true),

    /** Nobody asks them for anything. */
    RESTING(", at rest", false);

    private final String suffix;
    private final boolean awake;

    Phase(String suffix, boolean awake) {
        this.suffix = suffix;
        this.awake = awake;
    }

    /** What it adds to a row's name. */
    String suffix() {
        return suffix;
    }

    boolean awake() {
        return awake;
    }
}
