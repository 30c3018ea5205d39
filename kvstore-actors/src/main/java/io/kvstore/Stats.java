package io.kvstore;

import java.util.List;

/**
 * Counters of a store since its creation, and what it holds now.
 *
 * <p>In a cluster they are one worker's own: the keys that it knows, what it pushed and pulled, and its buffers. Bytes pushed
 * are those sent, after arrays of several devices were summed and perhaps compressed.
 *
 * @param keys keys that exist
 * @param pushes pushes applied, counted per key
 * @param pulls pulls answered, counted per key
 * @param refused requests that keys refused
 * @param bytesPushed bytes of all arrays in applied pushes
 * @param bytesPulled bytes of all values in answers, once per answer
 * @param liveBytes bytes of buffers in use, on the host and on GPUs: values, optimizer states, captured pushes, values on their way to a caller
 * @param idleBytes bytes of buffers kept for reuse; by all stores of the JVM, unless {@code kvstore.pool-bytes} is a size
 * @param inFlightBytes bytes of captured pushes that are not yet applied
 * @param openCalls requests without an outcome yet
 * @param devices one entry per device; none in a store that sums on the host
 */
public record Stats(
        long keys,
        long pushes,
        long pulls,
        long refused,
        long bytesPushed,
        long bytesPulled,
        long liveBytes,
        long idleBytes,
        long inFlightBytes,
        long openCalls,
        List<DeviceStats> devices) {

    /**
     * A device's part.
     *
     * @param name such as {@code cpu(0)}
     * @param keys keys whose pushes are summed there
     * @param assignedBytes bytes of those keys' values
     * @param liveBytes bytes of its buffers in use
     * @param idleBytes bytes of the GPU's memory that the store keeps for reuse; devices on one GPU share them. 0 on the host
     * @param totalBytes bytes of the GPU's memory; 0 on the host, whose memory is the Java heap
     * @param model the GPU's name, and whether it was lost; {@code host} of a host device
     */
    public record DeviceStats(
            String name, long keys, long assignedBytes, long liveBytes, long idleBytes, long totalBytes, String model) {

        /** Of a host device. */
        public DeviceStats(String name, long keys, long assignedBytes, long liveBytes) {
            this(name, keys, assignedBytes, liveBytes, 0, 0, "host");
        }
    }
}
