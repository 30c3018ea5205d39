package io.kvstore.actor;

import io.kvstore.tensor.DeviceTensor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * A few bytes that a kernel makes of a program's array, on their way to the host.
 *
 * <pre>
 *   uploads, if any ──► kernel, after the array's own stream ──► download ──► done
 * </pre>
 */
final class GpuDigest {
    private final Gpus gpus;
    private final StoreGpu gpu;
    private final DeviceTensor array;
    private final byte[] bytes;
    private final LongConsumer kernel;
    private final CompletableFuture<byte[]> done = new CompletableFuture<>();
    private GpuBuffer there;

    private GpuDigest(Gpus gpus, DeviceTensor array, int length, LongConsumer kernel) {
        this.gpus = gpus;
        this.gpu = gpus.of(array);
        this.array = array;
        this.bytes = new byte[length];
        this.kernel = kernel;
    }

    /**
     * Begins.
     *
     * @param length how many bytes
     * @param uploads adds what has to be brought before
     * @param kernel is given the address of the bytes, and starts work in the arithmetic stream of the array's GPU
     * @return completes when no work is under way any more, whether it went well or not
     */
    static CompletableFuture<byte[]> begin(
            Gpus gpus,
            DeviceTensor array,
            AtomicLong inUse,
            int length,
            Consumer<Transfers> uploads,
            LongConsumer kernel) {
        GpuDigest digest = new GpuDigest(gpus, array, length, kernel);
        Transfers transfers = new Transfers(Runnable::run);
        try {
            digest.there = digest.gpu.take(length, digest.gpu.arithmetic(), inUse);
            uploads.accept(transfers);
        } catch (RuntimeException | Error e) {
            transfers.fail(e);
        }
        transfers.whenOver(digest::launch);
        return digest.done;
    }

    private void launch(Throwable failure) {
        Transfers download = new Transfers(Runnable::run);
        if (failure != null) {
            download.fail(failure);
        }
        download.add(written -> {
            gpu.order(gpu.uploads(), gpu.arithmetic());
            gpus.await(array, gpu.arithmetic());
            kernel.accept(there.address());
            gpu.order(gpu.arithmetic(), gpu.downloads());
            gpu.download(gpu.downloads(), there.address(), bytes, written);
        });
        download.whenOver(failed -> {
            if (failed == null) {
                finish(null);
            } else {
                abandon(failed);
            }
        });
    }

    private void abandon(Throwable failure) {
        try {
            gpu.order(gpu.uploads(), gpu.arithmetic());
            gpu.order(gpu.downloads(), gpu.arithmetic());
            gpu.whenDone(gpu.arithmetic(), lost -> finish(failure));
        } catch (RuntimeException lost) { // then nothing works on it either
            finish(failure);
        }
    }

    private void finish(Throwable failure) {
        if (there != null) {
            there.release();
        }
        if (failure == null) {
            done.complete(bytes);
        } else {
            gpus.noteLost(failure);
            done.completeExceptionally(failure);
        }
    }
}
