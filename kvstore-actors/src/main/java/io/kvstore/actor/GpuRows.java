package io.kvstore.actor;

import io.kvstore.cuda.GpuStream;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/**
 * Some rows of a key's value into the memory of the host: the GPU puts them together, so that only they are copied. On the
 * thread of the device's actor.
 *
 * <pre>
 *   ids ──► uploads ──► arithmetic: gather ──► downloads ──► rows
 * </pre>
 */
final class GpuRows {
    private final CudaDevice device;
    private final StoreGpu gpu;
    private final KeyRecord record;
    private final long[] ids;
    private final BiConsumer<List<DenseTensor>, Throwable> over;
    private final GpuTensors there;
    private final List<DenseTensor> here = new ArrayList<>(1);
    private final List<GpuBuffer> buffers = new ArrayList<>(2);
    private long places;
    private long gathered;

    /** @param over is given the rows, one after the other, or why they are not all there */
    GpuRows(CudaDevice device, Errand errand, BiConsumer<List<DenseTensor>, Throwable> over) {
        this.device = device;
        this.gpu = device.gpu();
        this.record = errand.record();
        this.ids = errand.ids();
        this.over = over;
        this.there = ((GpuTensors) record.deviceValue).retain();
    }

    void begin() {
        Transfers upload = new Transfers(device.thread());
        try {
            long[] extents = record.shape.toArray();
            extents[0] = ids.length;
            DenseTensor rows = DenseTensor.zeros(record.dtype, Shape.of(extents));
            here.add(rows);
            places = take(8L * ids.length, gpu.uploads());
            gathered = take(rows.bytes(), gpu.arithmetic());
            upload.add(read -> gpu.upload(gpu.uploads(), ids, places, read));
        } catch (RuntimeException | Error e) {
            upload.fail(e);
        }
        upload.whenOver(this::gather);
    }

    private long take(long bytes, GpuStream user) {
        GpuBuffer buffer = gpu.take(bytes, user, device.inUse());
        buffers.add(buffer);
        return buffer.address();
    }

    private void gather(Throwable failure) {
        Transfers download = new Transfers(device.thread());
        if (failure != null) {
            download.fail(failure);
        } else {
            try {
                gpu.order(gpu.uploads(), gpu.arithmetic());
                gpu.kernels()
                        .gatherRows(
                                gpu.arithmetic(),
                                record.dtype,
                                there.address(),
                                places,
                                ids.length,
                                record.shape.rowLength(),
                                gathered);
                gpu.order(gpu.arithmetic(), gpu.downloads());
                download.add(written -> gpu.download(gpu.downloads(), gathered, here.get(0), written));
            } catch (RuntimeException | Error e) {
                download.fail(e);
            }
        }
        download.whenOver(this::end);
    }

    /** Gives everything back once nothing works on it any more. */
    private void end(Throwable failure) {
        if (failure == null) {
            finish(null);
            return;
        }
        try {
            gpu.order(gpu.uploads(), gpu.arithmetic());
            gpu.order(gpu.arithmetic(), gpu.downloads());
            gpu.whenDone(gpu.downloads(), lost -> device.thread().execute(() -> finish(failure)));
        } catch (RuntimeException lost) { // then nothing works on it either
            finish(failure);
        }
    }

    private void finish(Throwable failure) {
        buffers.forEach(GpuBuffer::release);
        there.release();
        over.accept(here, failure);
    }
}
