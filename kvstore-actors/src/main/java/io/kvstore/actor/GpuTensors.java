package io.kvstore.actor;

import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A key's value, or the states of its optimizer, in the memory of a GPU; all work on them is done when they are released. */
final class GpuTensors implements OnDevice {
    private final StoreGpu gpu;
    private final List<GpuBuffer> buffers;
    private final AtomicInteger holders = new AtomicInteger(1);

    /** @param buffers one for each tensor, these tensors' own from now on */
    GpuTensors(StoreGpu gpu, List<GpuBuffer> buffers) {
        this.gpu = gpu;
        this.buffers = List.copyOf(buffers);
    }

    StoreGpu gpu() {
        return gpu;
    }

    /** Of the first tensor. */
    long address() {
        return buffers.get(0).address();
    }

    long[] addresses() {
        return buffers.stream().mapToLong(GpuBuffer::address).toArray();
    }

    /** Whether the caller, itself a holder, is the only one, so that they may be written. */
    boolean isExclusive() {
        return holders.get() == 1;
    }

    /** Begins to copy them to the host, into tensors of the pool that {@code into} gets, for the caller to release. */
    void download(List<DType> types, Shape shape, BufferPool pool, Transfers transfers, List<DenseTensor> into) {
        for (int k = 0; k < types.size(); k++) {
            long from = buffers.get(k).address();
            DenseTensor copy = pool.take(types.get(k), shape);
            into.add(copy);
            transfers.add(written -> gpu.download(gpu.downloads(), from, copy, written));
        }
    }

    @Override
    public GpuTensors retain() {
        holders.incrementAndGet();
        return this;
    }

    @Override
    public void release() {
        int left = holders.decrementAndGet();
        if (left == 0) {
            buffers.forEach(GpuBuffer::release);
        } else if (left < 0) {
            throw new IllegalStateException("tensors on " + gpu + " were released more often than they were held");
        }
    }
}
