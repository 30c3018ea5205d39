package io.kvstore.actor;

import io.kvstore.cuda.DeviceBuffer;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Memory of a GPU that counts as in use by one of the store's devices until it is released, or its GPU closed. */
final class GpuBuffer {
    private final DeviceBuffer buffer;
    private final long bytes;
    private final AtomicLong inUse;
    private final Set<GpuBuffer> held;

    /** @param held those of the GPU that are not released yet; this one is among them until it is */
    GpuBuffer(DeviceBuffer buffer, long bytes, AtomicLong inUse, Set<GpuBuffer> held) {
        this.buffer = buffer;
        this.bytes = bytes;
        this.inUse = inUse;
        this.held = held;
        inUse.addAndGet(bytes);
        held.add(this);
    }

    long address() {
        return buffer.address();
    }

    /** Gives it back; all work on it is done. Does nothing if its GPU was closed meanwhile. */
    void release() {
        if (held.remove(this)) {
            inUse.addAndGet(-bytes);
            buffer.release();
        }
    }
}
