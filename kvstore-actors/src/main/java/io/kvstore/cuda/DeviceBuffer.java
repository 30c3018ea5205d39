package io.kvstore.cuda;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A piece of device memory on loan from a {@link DeviceMemory}; its holder alone uses it. */
public final class DeviceBuffer {
    private final DeviceMemory memory;
    private final long address;
    private final long bytes;
    private final List<GpuEvent> earlierUses;
    private final AtomicBoolean released = new AtomicBoolean();

    DeviceBuffer(DeviceMemory memory, long address, long bytes, List<GpuEvent> earlierUses) {
        this.memory = memory;
        this.address = address;
        this.bytes = bytes;
        this.earlierUses = earlierUses;
    }

    /** Where it begins, a multiple of 256. */
    public long address() {
        return address;
    }

    /** How much there is, at least what was asked for. */
    public long bytes() {
        return bytes;
    }

    /**
     * Gives it back. Who gets it next waits, on the GPU, for all that was given to these streams so far.
     *
     * @param usedBy the streams that work on it
     * @throws IllegalStateException if it was given back before
     */
    public void release(GpuStream... usedBy) {
        if (!released.compareAndSet(false, true)) {
            throw new IllegalStateException("device memory of " + bytes + " bytes was released twice");
        }
        memory.release(address, bytes, earlierUses, usedBy);
    }
}
