package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cuda.Completions;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.CudaException;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuStream;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import java.util.Collection;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The GPUs of one store, by their ordinals. Any thread may use them. */
final class Gpus {
    private static final long PER_THREAD = 2; // CU_STREAM_PER_THREAD
    private static final Logger LOG = LoggerFactory.getLogger(Gpus.class);

    private final SortedMap<Integer, StoreGpu> byOrdinal = new TreeMap<>();
    private final Completions completions = new Completions();

    /**
     * Opens GPUs.
     *
     * @param copier copies between arrays and the memory that GPUs read
     * @param failed is told of each that cannot be used, and why; {@link #of} does not know it then
     */
    Gpus(
            CudaDriver driver,
            Collection<Integer> ordinals,
            Executor copier,
            GpuSettings settings,
            BiConsumer<Integer, String> failed) {
        for (int ordinal : ordinals) {
            try {
                byOrdinal.put(ordinal, open(driver, ordinal, copier, settings));
            } catch (CudaException e) {
                failed.accept(ordinal, e.getMessage());
            }
        }
    }

    private StoreGpu open(CudaDriver driver, int ordinal, Executor copier, GpuSettings settings) {
        Gpu gpu = driver.open(ordinal);
        try {
            return new StoreGpu(gpu, completions, copier, settings.stagingBytes(), settings.idleBytes());
        } catch (RuntimeException | Error e) {
            gpu.close();
            throw e;
        }
    }

    /** The GPU with that ordinal, or null. */
    StoreGpu of(int ordinal) {
        return byOrdinal.get(ordinal);
    }

    /** The GPU that the array lies on; there is no {@link #problem} with it. */
    StoreGpu of(DeviceTensor array) {
        return byOrdinal.get(array.device());
    }

    /** Why the array cannot be read and written, or null if it can. */
    KVStoreException problem(DeviceTensor array) {
        if (of(array) == null) {
            return new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "this store uses " + byOrdinal.values() + ", given an array on gpu(" + array.device()
                            + "); name that GPU in kvstore.devices, or copy the array");
        }
        if (array.bytes() > 0
                && (array.address() == 0 || array.address() % array.dtype().bytes() != 0)) {
            return new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "an array of " + array.dtype() + " has an address that is not 0 and a multiple of "
                            + array.dtype().bytes() + ", given " + array);
        }
        if (array.stream() == PER_THREAD) {
            return new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "the stream of an array is CUDA's per-thread default stream, which is another one in the store's"
                            + " threads; give the default stream, 0, or one that was made, given " + array);
        }
        return array.bytes() == 0 ? null : problem(array, of(array));
    }

    private static KVStoreException problem(DeviceTensor array, StoreGpu gpu) {
        long there;
        try {
            there = gpu.gpu().bytesAt(array.address());
        } catch (CudaException e) {
            gpu.noteIfLost(e);
            return GpuFailure.of(e, "looking at " + array, "give an array on the host", "nothing was changed");
        }
        return there >= array.bytes()
                ? null
                : new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        "expects " + array.bytes() + " bytes of memory of " + gpu + " at 0x"
                                + Long.toHexString(array.address()) + ", there are " + Math.max(0, there)
                                + "; it may have been freed");
    }

    /** Of several GPUs that a commit or an errand works with any may be the one that is lost. */
    void noteLost(Throwable failure) {
        byOrdinal.values().forEach(gpu -> gpu.noteIfLost(failure));
    }

    /** @throws KVStoreException if the array's owner has taken it back */
    static void refuseRevoked(DeviceTensor array) {
        if (array.isRevoked()) {
            throw new KVStoreException(Reason.CLOSED, "the caller no longer lends its array");
        }
    }

    /** Lets {@code stream}, of any GPU, wait for what the array's own stream was given so far. */
    void await(DeviceTensor array, GpuStream stream) {
        refuseRevoked(array);
        StoreGpu gpu = of(array);
        try (GpuEvent written = gpu.gpu().newEvent();
                GpuStream own = gpu.gpu().streamOf(array.stream())) {
            own.record(written);
            stream.await(written);
        }
    }

    /** Copies an array into a tensor, exclusively the caller's. @param written told when it is there */
    void download(DeviceTensor array, DenseTensor target, Completions.Completion written) {
        StoreGpu gpu = of(array);
        await(array, gpu.downloads());
        gpu.download(gpu.downloads(), array.address(), target, written);
    }

    /** Gives everything back to the driver; nobody uses the GPUs any more. */
    void close() {
        for (StoreGpu gpu : byOrdinal.values()) {
            try {
                gpu.close();
            } catch (IllegalStateException e) { // it does not end its work: the others are closed all the same
                LOG.warn("{}", e.getMessage());
            }
        }
        byOrdinal.clear();
        completions.close();
    }
}
