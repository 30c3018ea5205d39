package io.kvstore.examples.benchmarks.compare;

/**
 * How long is measured.
 *
 * @param launches how often all processes are started anew
 * @param leastWarmUpSeconds of each side, in each launch
 * @param mostWarmUpSeconds of this store, if it still gets faster: much of it is compiled while it runs, MXNet's library is not
 * @param blockSeconds of rounds of one side, before it is the other's turn
 * @param blocks of each side, in each launch
 */
record Pace(int launches, double leastWarmUpSeconds, double mostWarmUpSeconds, double blockSeconds, int blocks) {
    static final Pace FULL = new Pace(3, 5, 20, 0.6, 9);
    static final Pace QUICK = new Pace(1, 0.8, 9, 0.2, 5);
}
