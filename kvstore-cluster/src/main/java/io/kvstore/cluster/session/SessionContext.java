package io.kvstore.cluster.session;

import io.kvstore.tensor.BufferPool;

/** What the keys of a session share: who it is and what it knows of the store, its requests, and the world outside. */
final class SessionContext<N> {
    private final Outside<N> outside;
    private final Requests<N> requests;
    private final BufferPool pool;
    private final boolean inRounds;
    private Self self;
    private long config;

    /** @param inRounds whether pushes make rounds, so that all slices of a key have one version */
    SessionContext(Outside<N> outside, Requests<N> requests, BufferPool pool, boolean inRounds) {
        this.outside = outside;
        this.requests = requests;
        this.pool = pool;
        this.inRounds = inRounds;
    }

    Outside<N> outside() {
        return outside;
    }

    Requests<N> requests() {
        return requests;
    }

    BufferPool pool() {
        return pool;
    }

    boolean inRounds() {
        return inRounds;
    }

    /** Who this session is; null while it is not registered. */
    Self self() {
        return self;
    }

    void self(Self next) {
        self = next;
    }

    /** The highest version of the store's configuration that this worker knows. */
    long config() {
        return config;
    }

    void config(long version) {
        config = Math.max(config, version);
    }
}
