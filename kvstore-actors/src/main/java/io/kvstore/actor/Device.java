package io.kvstore.actor;

import io.kvstore.KVStoreException;

/**
 * One device: its buffers and the arithmetic on them. Called only by the thread of its {@link DeviceActor}, but for
 * the counter, which any thread may read.
 */
interface Device {

    /** Such as {@code cpu(0)}. */
    String name();

    /**
     * Sums the commit's gradients into a merge buffer here and applies the sum; the gradients are released once read.
     *
     * @throws KVStoreException if it cannot be carried out; nothing visible has changed
     */
    Commit.Outcome carryOut(Commit commit);

    /** Bytes of buffers in use. */
    long liveBytes();

    /** Frees what is idle. */
    void close();
}
