package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.compression.Residual;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;

/** A residual of a key in the memory of a GPU. */
record GpuResidual(GpuPacker packer, Key key, Shape shape, GpuTensors tensors) implements Residual {
    @Override
    public DenseTensor onHost() {
        return packer.copy(this);
    }

    @Override
    public void release() {
        tensors.release();
    }
}
