package io.kvstore.actor;

import io.kvstore.KVStoreSettings;

/**
 * How a store uses the memory of each of its GPUs.
 *
 * @param stagingBytes host memory that copies to and from the GPU go through
 * @param idleBytes device memory that may be kept for reuse
 */
record GpuSettings(long stagingBytes, long idleBytes) {
    static GpuSettings of(KVStoreSettings settings) {
        return new GpuSettings(settings.gpuStagingBytes(), settings.gpuIdleBytes());
    }
}
