package io.kvstore.examples.benchmarks.compare;

/**
 * How long is measured.
 *
 * @param launches how often all processes are started anew
 * @param leastWarmUpSeconds of each side, in each launch
 * @param warmUpSecondsPerProcess of this store at least, times its processes for each core; see {@link #leastWarmUpSeconds(Work, int)}
 * @param mostWarmUpSeconds of this store, if it still gets faster: much of it is compiled while it runs, MXNet's library is not
 * @param blockSeconds of rounds of one side, before it is the other's turn
 * @param blocks of each side, in each launch
 */
record Pace(
        int launches,
        double leastWarmUpSeconds,
        double warmUpSecondsPerProcess,
        double mostWarmUpSeconds,
        double blockSeconds,
        int blocks) {
    static final Pace FULL = new Pace(3, 5, 6, 20, 0.6, 9);
    static final Pace QUICK = new Pace(1, 0.8, 4.5, 9, 0.2, 5);

    /**
     * How long this store is warmed up at least. Where its processes are many for the cores, their compilers take turns with
     * the rounds, which then get no faster for seconds, and after that twice as fast at once.
     */
    double leastWarmUpSeconds(Work work, int cores) {
        int processes = work.workers() + work.servers();
        return Math.max(leastWarmUpSeconds, warmUpSecondsPerProcess * processes / cores);
    }
}
