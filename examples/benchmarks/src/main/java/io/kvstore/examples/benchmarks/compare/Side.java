package io.kvstore.examples.benchmarks.compare;

/**
 * A worker's store and its arrays, of this project or of MXNet. Keys count from 0 and are initialised with zeros of the
 * lengths of the work's {@link ArraySet}. Called by one thread.
 */
interface Side extends AutoCloseable {
    /** Writes the array that is pushed to the key from the device: the first elements of {@code values}. */
    void write(int key, int device, float[] values);

    /** Reads the array that was pulled from the key for the device, into the first elements of {@code values}. */
    void read(int key, int device, float[] values);

    /** Pushes all arrays by one call. May return before it is done. */
    void push();

    /** Pulls all keys by one call; returns when all arrays can be read. */
    void pull();

    /** Pushes and pulls all by one call; returns when all arrays can be read. */
    void pushPull();

    /** Returns when all workers are here. */
    void barrier();

    @Override
    void close();
}
