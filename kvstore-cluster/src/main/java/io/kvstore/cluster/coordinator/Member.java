package io.kvstore.cluster.coordinator;

/**
 * A worker's place in a store.
 *
 * @param name what the worker calls itself, the same over its lives
 * @param rank from 0, below the store's number of workers; the same over the lives of a name
 * @param incarnation the worker's life; greater than that of every earlier life of any worker of the store
 */
public record Member(String name, int rank, long incarnation, State state) {

    /** Whether a worker takes part. Only {@link #LIVE} ones do. */
    public enum State {
        LIVE,
        /** It was silent for longer than the session timeout. */
        DEAD,
        /** It said that it leaves. */
        LEFT
    }

    public boolean live() {
        return state == State.LIVE;
    }

    @Override
    public String toString() {
        return name + " (rank " + rank + ", incarnation " + incarnation + ", " + state + ")";
    }
}
