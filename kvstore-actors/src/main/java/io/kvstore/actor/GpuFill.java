package io.kvstore.actor;

import io.kvstore.cuda.Completions.Completion;
import io.kvstore.cuda.GpuStream;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A key's value into arrays on GPUs, each by the array's own stream, so that it comes after what the stream was given before
 * and before what it is given later. From GPU to GPU where the driver can; else through memory of the host. On the thread of
 * the device's actor.
 */
final class GpuFill {
    private final Gpus gpus;
    private final BufferPool pool;
    private final KeyRecord record;
    private final GpuTensors there; // null: the host alone has the value
    private final Transfers transfers;
    private DenseTensor here; // null until an array needs it

    GpuFill(Gpus gpus, Executor thread, BufferPool pool, KeyRecord record) {
        this.gpus = gpus;
        this.pool = pool;
        this.record = record;
        GpuTensors known = (GpuTensors) record.deviceValue;
        boolean near = known != null && !known.gpu().isLost();
        this.there = near || record.value == null ? known : null;
        this.transfers = new Transfers(thread);
    }

    /** @param over told when the streams have all copies, or why one has not */
    void begin(List<DeviceTensor> outs, Consumer<Throwable> over) {
        try {
            outs.forEach(Gpus::refuseRevoked);
            List<DeviceTensor> far = outs.stream().filter(out -> !reaches(out)).toList();
            outs.stream().filter(this::reaches).forEach(this::copy);
            if (!far.isEmpty()) {
                transfers.add(done -> throughHost(far, done));
            }
        } catch (RuntimeException | Error e) {
            transfers.fail(e);
        }
        transfers.whenOver(failure -> {
            if (here != null) {
                here.release();
            }
            over.accept(failure);
        });
    }

    private boolean reaches(DeviceTensor out) {
        StoreGpu target = gpus.of(out);
        return there != null && !there.gpu().isLost() && target.reaches(there.gpu());
    }

    private void copy(DeviceTensor out) {
        if (out.bytes() == 0) {
            return;
        }
        StoreGpu target = gpus.of(out);
        try (GpuStream stream = target.gpu().streamOf(out.stream())) {
            if (target == there.gpu()) {
                stream.copy(out.address(), there.address(), out.bytes());
            } else {
                stream.copyFrom(there.gpu().gpu(), out.address(), there.address(), out.bytes());
            }
            GpuTensors read = there.retain();
            target.whenDone(stream, lost -> read.release());
        }
    }

    private void throughHost(List<DeviceTensor> outs, Completion done) {
        if (there == null) {
            here = record.value.retain();
            upload(outs, done);
            return;
        }
        here = pool.take(record.dtype, record.shape);
        there.gpu().download(there.gpu().downloads(), there.address(), here, failure -> {
            if (failure != null) {
                done.run(failure);
            } else {
                upload(outs, done);
            }
        });
    }

    private void upload(List<DeviceTensor> outs, Completion done) {
        Transfers uploads = new Transfers(Runnable::run);
        for (DeviceTensor out : outs) {
            uploads.add(read -> {
                Gpus.refuseRevoked(out);
                StoreGpu target = gpus.of(out);
                target.upload(target.gpu().streamOf(out.stream()), here, out.address(), read);
            });
        }
        uploads.whenOver(failure -> {
            if (failure != null) {
                transfers.fail(failure);
            }
            done.run(null);
        });
    }
}
