package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.compression.Decoding;
import io.kvstore.compression.DevicePacker;
import io.kvstore.compression.Residual;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Packs arrays on GPUs by the kernels. Only the codes come to the host; what is left stays on the array's GPU, and goes over
 * the host if the next array lies elsewhere.
 */
final class GpuPacker implements DevicePacker {
    private final Gpus gpus;
    private final BufferPool pool;
    private final Duration patience;
    private final AtomicLong inUse = new AtomicLong();

    /**
     * @param pool for what is moved
     * @param patience how long a GPU may take
     */
    GpuPacker(Gpus gpus, BufferPool pool, Duration patience) {
        this.gpus = gpus;
        this.pool = pool;
        this.patience = patience;
    }

    /** Bytes in the memory of GPUs for residuals, and for packing that is under way. */
    long inUse() {
        return inUse.get();
    }

    @Override
    public int firstNotFinite(Key key, List<DeviceTensor> gradients) {
        List<CompletableFuture<byte[]>> looks =
                gradients.stream().map(this::look).toList();
        // all of them, also where one tells already: until then the arrays are read
        await(
                key,
                CompletableFuture.allOf(looks.toArray(CompletableFuture[]::new)),
                "looking at the values of " + gradients);
        for (int i = 0; i < looks.size(); i++) {
            if (looks.get(i).join()[0] != 0) {
                return i;
            }
        }
        return -1;
    }

    private CompletableFuture<byte[]> look(DeviceTensor array) {
        StoreGpu gpu = gpus.of(array);
        return GpuDigest.begin(gpus, array, inUse, Integer.BYTES, uploads -> {}, found -> {
            gpu.arithmetic().fill(found, (byte) 0, Integer.BYTES);
            gpu.kernels()
                    .notFinite(
                            gpu.arithmetic(),
                            array.address(),
                            found,
                            array.shape().length());
        });
    }

    @Override
    public Packed pack(Key key, DeviceTensor gradient, Decoding.Bits bits, int payloadBytes, Residual earlier) {
        StoreGpu gpu = gpus.of(gradient);
        GpuResidual near =
                earlier instanceof GpuResidual there && there.tensors().gpu() == gpu ? there : null;
        DenseTensor moved = earlier == null || near != null ? null : earlier.onHost();
        List<Runnable> held = new ArrayList<>(); // until no work is under way
        if (near != null) {
            held.add(near.tensors().retain()::release);
        } else if (moved != null) {
            held.add(moved::release);
        }
        GpuTensors left;
        try {
            left = new GpuTensors(gpu, List.of(gpu.take(gradient.bytes(), gpu.uploads(), inUse)));
        } catch (RuntimeException | Error e) {
            held.forEach(Runnable::run);
            throw refusal(key, e, "packing " + gradient);
        }
        CompletableFuture<byte[]> packing = GpuDigest.begin(
                gpus,
                gradient,
                inUse,
                payloadBytes,
                uploads -> {
                    if (moved != null) {
                        uploads.add(read -> gpu.upload(gpu.uploads(), moved, left.address(), read));
                    }
                },
                payload -> gpu.kernels()
                        .encode(
                                gpu.arithmetic(),
                                bits.count(),
                                bits.threshold(),
                                gradient.address(),
                                near != null ? near.tensors().address() : moved != null ? left.address() : 0,
                                left.address(),
                                payload,
                                gradient.shape().length()));
        packing.whenComplete((payload, failure) -> held.forEach(Runnable::run));
        try {
            byte[] payload = await(key, packing, "packing " + gradient);
            return new Packed(payload, new GpuResidual(this, key, gradient.shape(), left));
        } catch (RuntimeException | Error e) {
            packing.whenComplete((payload, failure) -> left.release());
            throw e;
        }
    }

    /** For an array elsewhere. */
    DenseTensor copy(GpuResidual residual) {
        List<DenseTensor> copies = new ArrayList<>(1);
        GpuTensors there = residual.tensors().retain();
        CompletableFuture<DenseTensor> copying = new CompletableFuture<>();
        Transfers transfers = new Transfers(Runnable::run);
        try {
            there.download(List.of(DType.FLOAT32), residual.shape(), pool, transfers, copies);
        } catch (RuntimeException | Error e) {
            transfers.fail(e);
        }
        transfers.whenOver(failure -> {
            there.release();
            if (failure == null) {
                copying.complete(copies.get(0));
            } else {
                copies.forEach(DenseTensor::release);
                gpus.noteLost(failure);
                copying.completeExceptionally(failure);
            }
        });
        try {
            return await(residual.key(), copying, "a copy of what was not sent of earlier arrays, from " + there.gpu());
        } catch (RuntimeException e) {
            copying.thenAccept(DenseTensor::release);
            throw e;
        }
    }

    private <T> T await(Key key, CompletableFuture<T> future, String what) {
        try {
            return future.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw refusal(key, e.getCause(), what);
        } catch (TimeoutException e) {
            throw new KVStoreTimeoutException(
                    key, what + " did not end within " + patience + " (kvstore.patience); nothing was pushed");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KVStoreException(Reason.INTERRUPTED, key, "interrupted: " + what + "; nothing was pushed");
        }
    }

    private static KVStoreException refusal(Key key, Throwable failure, String what) {
        return GpuFailure.of(
                        failure,
                        what,
                        "nothing was pushed; what earlier pushes left there is gone: set gradient compression to none,"
                                + " and then again, to begin without",
                        "nothing was pushed")
                .of(key);
    }
}
