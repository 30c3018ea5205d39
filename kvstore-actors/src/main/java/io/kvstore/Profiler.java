package io.kvstore;

import java.util.Map;

/**
 * Records what a store's keys do, and writes it as a trace that chrome://tracing and Perfetto open; off at first, when it
 * costs one volatile read per request. The settings and commands are MXNet's (python/mxnet/profiler.py).
 *
 * <pre>{@code
 * Profiler profiler = kv.profiler();
 * profiler.config(Map.of("filename", "profile.json"));
 * profiler.state("run");
 * ...
 * profiler.state("stop");
 * profiler.dump();
 * }</pre>
 *
 * <p>The trace has one track per key. On it are the requests, from their turn at the key to their answer, and in each push
 * its {@code commit}: the sum and the update. Arguments are the bytes, the version that was made or read, the device, the
 * microseconds that a request waited for its turn, and the reason of a refusal.
 *
 * <p>In a cluster each call is for the profilers of all servers, whichever worker makes it, and {@link #dump} brings their
 * traces to the caller's machine: {@code rank0_profile.json}, {@code rank1_profile.json} and so on, the servers by address.
 * A server that comes after {@link #config} has to be configured as well.
 */
public interface Profiler {

    /**
     * Says where to, and how much; forgets what was recorded.
     *
     * @param settings {@code filename}: a String or a Path on the caller's machine, {@code profile.json} by default;
     *     {@code max_events}: how many events are kept, at about 100 bytes each, 262144 by default: those that come later
     *     are counted, and the trace says how many they were
     * @throws KVStoreException for an unknown name or a value out of range, and while the profiler runs
     */
    void config(Map<String, ?> settings);

    /**
     * Starts or stops the recording; one that is started again goes on.
     *
     * @param state {@code run} or {@code stop}
     * @throws KVStoreException for another word, or if {@link #config} was never called
     */
    void state(String state);

    /** Leaves out what happens until {@link #resume}. @throws KVStoreException if {@link #config} was never called */
    void pause();

    /** Records again, if the state is {@code run}. @throws KVStoreException if {@link #config} was never called */
    void resume();

    /**
     * Writes all that was recorded since {@link #config}: the whole new file or, if anything fails, none. A recording that
     * runs goes on. In a cluster each server's file is written so, once all traces are here.
     *
     * @throws KVStoreException if {@link #config} was never called, or the file cannot be written
     */
    void dump();
}
