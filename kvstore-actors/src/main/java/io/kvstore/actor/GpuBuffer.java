package io.kvstore.actor;

import io.kvstore.cuda.DeviceBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** Memory of a GPU that counts as in use by one of the store's devices until it is released, once. */
final class GpuBuffer {
    private final DeviceBuffer buffer;
    private final long bytes;
    private final AtomicLong inUse;

    GpuBuffer(DeviceBuffer buffer, long bytes, AtomicLong inUse) {
        this.buffer = buffer;
        this.bytes = bytes;
        this.inUse = inUse;
        inUse.addAndGet(bytes);
    }

    long address() {
        return buffer.address();
    }

    /** Gives it back; all work on it is done. */
    void release() {
        inUse.addAndGet(-bytes);
        buffer.release();
    }
}
