package io.kvstore.actor;

import io.kvstore.cuda.DeviceBuffer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Memory of a GPU that counts as in use by one of the store's devices until it is released, once. */
final class GpuBuffer {
    private final DeviceBuffer buffer;
    private final long bytes;
    private final AtomicLong inUse;
    private final Set<GpuBuffer> all;

    /** @param all buffers of the GPU that are not released */
    GpuBuffer(DeviceBuffer buffer, long bytes, AtomicLong inUse, Set<GpuBuffer> all) {
        this.buffer = buffer;
        this.bytes = bytes;
        this.inUse = inUse;
        this.all = all;
        inUse.addAndGet(bytes);
        all.add(this);
    }

    long address() {
        return buffer.address();
    }

    /** Gives it back; all work on it is done. */
    void release() {
        all.remove(this);
        inUse.addAndGet(-bytes);
        buffer.release();
    }
}
