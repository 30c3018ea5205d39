package io.kvstore.examples.benchmarks.compare;

/**
 * Rounds of one side that were played without a pause.
 *
 * @param nanos the time of each round, sorted
 * @param processorSeconds what a round cost a worker and its share of the servers, user and system time of all processes
 */
record Block(long[] nanos, double processorSeconds) {
    /** The time that the given part of the rounds does not exceed, in nanoseconds. */
    double quantile(double part) {
        return nanos[(int) Math.min(nanos.length - 1L, Math.round(part * (nanos.length - 1)))];
    }

    double median() {
        return quantile(0.5);
    }
}
