package io.kvstore.examples.benchmarks.compare;

/**
 * How long is measured.
 *
 * @param launches how often all processes are started anew
 * @param warmUpSeconds of each side, in each launch
 * @param blockSeconds of rounds of one side, before it is the other's turn
 * @param blocks of each side, in each launch
 */
record Pace(int launches, double warmUpSeconds, double blockSeconds, int blocks) {
    static final Pace FULL = new Pace(3, 5, 0.6, 9);
    static final Pace QUICK = new Pace(1, 1.2, 0.2, 5);
}
