package io.kvstore.cuda;

import static jcuda.driver.JCudaDriver.cuMemFreeHost;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import jcuda.Pointer;

/** Pinned memory of the native driver. */
final class NativePinned implements PinnedMemory {
    private final NativeGpu gpu;
    private final Pointer pointer;
    private final int size;

    NativePinned(NativeGpu gpu, Pointer pointer, int size) {
        this.gpu = gpu;
        this.pointer = pointer;
        this.size = size;
    }

    Pointer at(int offset, int bytes) {
        Objects.checkFromIndexSize(offset, bytes, size);
        return pointer.withByteOffset(offset);
    }

    @Override
    public ByteBuffer bytes() {
        return pointer.getByteBuffer(0, size).order(ByteOrder.nativeOrder());
    }

    @Override
    public void close() {
        gpu.bindToClose();
        Calls.checkClosing(cuMemFreeHost(pointer), "giving back pinned memory");
    }
}
