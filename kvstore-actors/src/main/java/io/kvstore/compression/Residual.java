package io.kvstore.compression;

import io.kvstore.tensor.DenseTensor;

/** What one device has not sent of a key: float32 elements of the key's shape, wherever they lie; never changed. */
public interface Residual {
    /** A tensor of the host with the elements, for the caller to release. May wait for the device that has them. */
    DenseTensor onHost();

    /** Gives it up. */
    void release();
}
