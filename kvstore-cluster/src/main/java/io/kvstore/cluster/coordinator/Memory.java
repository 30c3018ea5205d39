package io.kvstore.cluster.coordinator;

/**
 * What a worker remembers of its earlier life in a store, so that a store outlives the loss of all servers.
 *
 * @param rank -1 if it had none
 * @param incarnation 0 if it had none
 * @param released the last barrier that it knows to be passed
 * @param configuration the last that it knows
 */
record Memory(int rank, long incarnation, long released, Configuration configuration) {
    static final Memory NONE = new Memory(-1, 0, 0, Configuration.NONE);
}
