package io.kvstore.compression;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.tensor.DeviceTensor;
import java.util.List;

/**
 * Packs gradients where they lie, on devices, and keeps there what is not sent. The arrays are the caller's again when a
 * method returns; each waits for the devices, so is not for an actor. Any number of threads may use it.
 */
public interface DevicePacker {
    /**
     * A packed gradient.
     *
     * @param payload has the bits of the host's codec
     * @param left for the caller to release
     */
    record Packed(byte[] payload, Residual left) {}

    /**
     * The first of some float32 arrays that has an infinite value or a NaN, or -1.
     *
     * @throws KVStoreException naming the key, if a device cannot tell
     */
    int firstNotFinite(Key key, List<DeviceTensor> gradients);

    /**
     * Packs a float32 array by 1 or 2 bits an element.
     *
     * @param payloadBytes how long the payload is
     * @param earlier what earlier gradients left, here or elsewhere; stays as it is; null: nothing
     * @throws KVStoreException naming the key; nothing was changed
     */
    Packed pack(Key key, DeviceTensor gradient, Decoding.Bits bits, int payloadBytes, Residual earlier);
}
