package io.kvstore.cuda.sim;

/** What a kernel that is being executed sees of memory: its parameters and, checked and noted, the global addresses. */
final class PtxMemory {
    private static final int CACHED = 32;

    private final DeviceSpace space;
    private final Operation operation;
    private final GpuSight sight;
    private final byte[] parameters;
    private final long[] cachedKeys = new long[CACHED];
    private final Allocation[] cached = new Allocation[CACHED];

    /** Which GPUs' memory a kernel may touch. */
    @FunctionalInterface
    interface GpuSight {
        boolean sees(int gpu);
    }

    PtxMemory(DeviceSpace space, Operation operation, GpuSight sight, byte[] parameters) {
        this.space = space;
        this.operation = operation;
        this.sight = sight;
        this.parameters = parameters;
    }

    long loadParameter(long at, int bytes) {
        if (at < 0 || at + bytes > parameters.length || at % bytes != 0) {
            throw new DeviceSpace.Violation(
                    "parameter bytes " + at + " to " + (at + bytes - 1) + " of " + parameters.length, false);
        }
        long value = 0;
        for (int i = bytes - 1; i >= 0; i--) {
            value = value << 8 | parameters[(int) at + i] & 0xff;
        }
        return value << 64 - 8 * bytes >> 64 - 8 * bytes;
    }

    /** Checks one access, of a vector as a whole, and gives the memory it goes to. */
    Allocation access(long address, int bytes, boolean write) {
        if (address % bytes != 0) {
            throw new DeviceSpace.Violation(
                    "address 0x" + Long.toHexString(address) + " is no multiple of " + bytes, true);
        }
        long key = address >>> 32;
        int line = (int) key & CACHED - 1;
        Allocation allocation = cached[line];
        if (allocation == null
                || cachedKeys[line] != key
                || DeviceSpace.offsetOf(address) + bytes > allocation.size()
                || DeviceSpace.offsetOf(address) < 0) {
            allocation = space.find(address, bytes);
            if (!sight.sees(DeviceSpace.gpuOf(address))) {
                throw new DeviceSpace.Violation(allocation + " is not within reach of this GPU", false);
            }
            cachedKeys[line] = key;
            cached[line] = allocation;
        }
        allocation.touch(operation, DeviceSpace.offsetOf(address), bytes, write);
        return allocation;
    }
}
