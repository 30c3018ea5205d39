package io.kvstore.profile;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** The switch of a store's profiler; any thread may use it. */
public final class Profile {
    private final String store;
    private final LongSupplier nanos;
    private final InstantSource clock;
    private Recording recording;
    private boolean running;
    private boolean paused;
    private volatile Recording active;

    /**
     * @param store what the trace names the store
     * @param nanos a clock that only goes forward, in nanoseconds
     * @param clock the time of day
     */
    public Profile(String store, LongSupplier nanos, InstantSource clock) {
        this.store = store;
        this.nanos = nanos;
        this.clock = clock;
    }

    /** The recording that takes events now, or null. */
    public Recording active() {
        return active;
    }

    /** Begins an empty recording, which does not run yet. @throws KVStoreException while one runs */
    public synchronized void configure(int maxEvents) {
        if (running) {
            throw new KVStoreException(Reason.INVALID_CONFIGURATION, "the profiler runs; stop it before its config");
        }
        recording = new Recording(store, maxEvents, nanos, clock.instant());
        paused = false;
    }

    public synchronized void run(boolean on) {
        configured();
        running = on;
        set();
    }

    public synchronized void pause(boolean on) {
        configured();
        paused = on;
        set();
    }

    private void set() {
        active = running && !paused ? recording : null;
    }

    /** The recording since the last {@link #configure}. @throws KVStoreException if there was none */
    public synchronized Recording configured() {
        if (recording == null) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION, "the profiler was never configured; call its config first");
        }
        return recording;
    }
}
