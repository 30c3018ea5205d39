package io.kvstore.cluster.coordinator;

/**
 * A worker's new life in a store.
 *
 * @param name the worker's own, or the one it was given
 * @param releasedBarrier the last barrier that was passed; the worker's next one is the one after it
 */
public record Registration(
        String name,
        int rank,
        long incarnation,
        long releasedBarrier,
        Membership membership,
        Configuration configuration) {}
