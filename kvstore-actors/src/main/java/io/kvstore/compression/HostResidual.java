package io.kvstore.compression;

import io.kvstore.tensor.DenseTensor;

/** A residual in the memory of the host. */
record HostResidual(DenseTensor tensor) implements Residual {
    @Override
    public DenseTensor onHost() {
        return tensor.retain();
    }

    @Override
    public void release() {
        tensor.release();
    }
}
