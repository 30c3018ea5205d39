package io.kvstore.cuda.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * The address space of all GPUs. An address tells its GPU, the allocation and the byte in it; numbers of allocations are
 * never used again, so that what was freed is known as such.
 */
final class DeviceSpace {
    private static final int GPU_SHIFT = 56;
    private static final int SLOT_SHIFT = 32;
    private static final int SLOTS = 1 << GPU_SHIFT - SLOT_SHIFT;

    /** An access that a GPU would stop at, with the driver's code for it. */
    static final class Violation extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final boolean misaligned;

        Violation(String message, boolean misaligned) {
            super(message);
            this.misaligned = misaligned;
        }

        boolean isMisaligned() {
            return misaligned;
        }
    }

    private final List<List<Allocation>> byGpu = new ArrayList<>();

    DeviceSpace(int gpus) {
        for (int i = 0; i < gpus; i++) {
            byGpu.add(new ArrayList<>());
        }
    }

    /** The caller has looked whether there is room. */
    synchronized long add(int gpu, int size) {
        List<Allocation> all = byGpu.get(gpu);
        if (all.size() == SLOTS) {
            throw new IllegalStateException("the simulated gpu(" + gpu + ") has no more addresses");
        }
        all.add(Allocation.onDevice("allocation " + all.size() + " of gpu(" + gpu + "), " + size + " bytes", size));
        return (gpu + 1L) << GPU_SHIFT | (long) (all.size() - 1) << SLOT_SHIFT;
    }

    static int gpuOf(long address) {
        return (int) (address >>> GPU_SHIFT) - 1;
    }

    static int offsetOf(long address) {
        return (int) address;
    }

    /** The live allocation in which all of the bytes are. */
    synchronized Allocation find(long address, long bytes) {
        int gpu = gpuOf(address);
        int slot = (int) (address >>> SLOT_SHIFT) & SLOTS - 1;
        if (gpu < 0 || gpu >= byGpu.size() || slot >= byGpu.get(gpu).size()) {
            throw new Violation("address 0x" + Long.toHexString(address) + " is in no memory", false);
        }
        Allocation allocation = byGpu.get(gpu).get(slot);
        if (allocation.isFreed()) {
            throw new Violation("address 0x" + Long.toHexString(address) + " is in freed memory: " + allocation, false);
        }
        long offset = address & 0xffffffffL;
        if (offset + bytes > allocation.size()) {
            throw new Violation(
                    "bytes " + offset + " to " + (offset + bytes - 1) + " are beyond the end of " + allocation, false);
        }
        return allocation;
    }

    /** From that address to the end of the live allocation, 0 if it is in none of that GPU's. */
    synchronized long bytesAt(int gpu, long address) {
        if (gpuOf(address) != gpu) {
            return 0;
        }
        try {
            return find(address, 0).size() - (address & 0xffffffffL);
        } catch (Violation e) {
            return 0;
        }
    }

    synchronized List<Allocation> live(int gpu) {
        return byGpu.get(gpu).stream()
                .filter(allocation -> !allocation.isFreed())
                .toList();
    }

    /** Whatever was there is gone with the GPU. */
    synchronized Allocation any(long address) {
        return byGpu.get(gpuOf(address)).get((int) (address >>> SLOT_SHIFT) & SLOTS - 1);
    }
}
