package io.kvstore.actor;

import io.kvstore.cuda.Completions;
import io.kvstore.cuda.Completions.Completion;
import io.kvstore.cuda.CudaException;
import io.kvstore.cuda.DeviceMemory;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuInfo;
import io.kvstore.cuda.GpuKernels;
import io.kvstore.cuda.GpuStream;
import io.kvstore.cuda.HostSource;
import io.kvstore.cuda.Staging;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.TensorBytes;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One GPU as one store uses it, shared by the devices that are on it: memory, staging, arithmetic, and three streams, so that
 * copies in either direction overlap each other and the arithmetic. Any thread may use it.
 */
final class StoreGpu {
    private static final Logger LOG = LoggerFactory.getLogger(StoreGpu.class);
    private static final int CHUNKS = 8;
    private static final int LEAST_CHUNK = 1 << 12;
    private static final int PATIENCE_SECONDS = 30;
    private static final long PAUSE_NANOS = 100_000;

    private final Map<StoreGpu, Boolean> peers = new ConcurrentHashMap<>();
    private final Set<GpuBuffer> held = ConcurrentHashMap.newKeySet();
    private final AtomicInteger awaited = new AtomicInteger();
    private final AtomicBoolean lost = new AtomicBoolean();
    private final Gpu gpu;
    private final Completions completions;
    private final GpuKernels kernels;
    private final DeviceMemory memory;
    private final Staging staging;
    private final GpuStream uploads;
    private final GpuStream arithmetic;
    private final GpuStream downloads;

    /**
     * @param gpu this store's to close
     * @param copier copies between arrays and the memory that the GPU reads
     * @param stagingBytes of host memory for copies
     * @param idleBytes of device memory that may be kept for reuse
     */
    StoreGpu(Gpu gpu, Completions completions, Executor copier, long stagingBytes, long idleBytes) {
        this.gpu = gpu;
        this.completions = completions;
        this.kernels = new GpuKernels(gpu);
        this.memory = new DeviceMemory(gpu, idleBytes);
        this.staging = new Staging(gpu, completions, copier, CHUNKS, chunk(stagingBytes));
        this.uploads = gpu.newStream();
        this.arithmetic = gpu.newStream();
        this.downloads = gpu.newStream();
    }

    private static int chunk(long stagingBytes) {
        return (int) Math.min(1 << 30, Math.max(LEAST_CHUNK, stagingBytes / CHUNKS & -LEAST_CHUNK));
    }

    Gpu gpu() {
        return gpu;
    }

    GpuInfo info() {
        return gpu.info();
    }

    GpuKernels kernels() {
        return kernels;
    }

    /** Whether it can copy from the other's memory directly. */
    boolean reaches(StoreGpu other) {
        return other == this || peers.computeIfAbsent(other, peer -> gpu.reaches(peer.gpu));
    }

    /** Brings arrays in. */
    GpuStream uploads() {
        return uploads;
    }

    /** Sums and updates. */
    GpuStream arithmetic() {
        return arithmetic;
    }

    /** Brings arrays out. */
    GpuStream downloads() {
        return downloads;
    }

    /** Memory, ready for what {@code user} is given from now on. @throws CudaException {@code OUT_OF_MEMORY} */
    GpuBuffer take(long bytes, GpuStream user, AtomicLong inUse) {
        return new GpuBuffer(memory.take(Math.max(1, bytes), user), bytes, inUse, held);
    }

    long idleBytes() {
        return memory.idleBytes();
    }

    /** Copies an array in by the stream. @param read told when the array is read, and all copies are in the stream */
    void upload(GpuStream stream, Dense source, long to, Completion read) {
        int size = source.dtype().bytes();
        upload(
                stream,
                source.bytes(),
                (offset, into) -> TensorBytes.put(source, (int) (offset / size), into.remaining() / size, into),
                to,
                read);
    }

    /** As {@link #upload(GpuStream, Dense, long, Completion)}, of bytes. */
    void upload(GpuStream stream, byte[] source, long to, Completion read) {
        upload(stream, source.length, (offset, into) -> into.put(source, (int) offset, into.remaining()), to, read);
    }

    /** As {@link #upload(GpuStream, Dense, long, Completion)}, of int64 numbers. */
    void upload(GpuStream stream, long[] source, long to, Completion read) {
        upload(stream, 8L * source.length, (offset, into) -> put(source, (int) (offset / 8), into), to, read);
    }

    /** As {@link #upload(GpuStream, Dense, long, Completion)}, of int32 numbers. */
    void upload(GpuStream stream, int[] source, long to, Completion read) {
        upload(stream, 4L * source.length, (offset, into) -> put(source, (int) (offset / 4), into), to, read);
    }

    private static void put(int[] source, int from, ByteBuffer into) {
        int count = into.remaining() / 4;
        into.asIntBuffer().put(source, from, count);
        into.position(into.position() + 4 * count);
    }

    private static void put(long[] source, int from, ByteBuffer into) {
        int count = into.remaining() / 8;
        into.asLongBuffer().put(source, from, count);
        into.position(into.position() + 8 * count);
    }

    private void upload(GpuStream stream, long bytes, HostSource source, long to, Completion read) {
        if (bytes == 0) {
            read.run(null);
        } else {
            staging.upload(stream, source, to, bytes, read);
        }
    }

    /** Copies memory out by the stream. @param written told when the tensor, exclusively the caller's, has everything */
    void download(GpuStream stream, long from, DenseTensor target, Completion written) {
        int size = target.dtype().bytes();
        if (target.length() == 0) {
            written.run(null);
            return;
        }
        staging.download(
                stream,
                from,
                (offset, bytes) -> TensorBytes.get(bytes, target, (int) (offset / size), bytes.remaining() / size),
                target.bytes(),
                written);
    }

    /** As {@link #download(GpuStream, long, DenseTensor, Completion)}, of bytes. */
    void download(GpuStream stream, long from, byte[] target, Completion written) {
        if (target.length == 0) {
            written.run(null);
            return;
        }
        staging.download(
                stream,
                from,
                (offset, bytes) -> bytes.get(target, (int) offset, bytes.remaining()),
                target.length,
                written);
    }

    /** Lets what {@code later} is given from now on come after all that {@code earlier} was given so far. */
    void order(GpuStream earlier, GpuStream later) {
        try (GpuEvent event = gpu.newEvent()) {
            earlier.record(event);
            later.await(event);
        }
    }

    /** Tells when all that the stream was given so far is done. */
    void whenDone(GpuStream stream, Completion then) {
        GpuEvent event = gpu.newEvent();
        awaited.incrementAndGet();
        try {
            stream.record(event);
            completions.whenDone(event, failure -> {
                try (event) {
                    then.run(failure);
                } finally {
                    awaited.decrementAndGet();
                }
            });
        } catch (RuntimeException | Error e) {
            awaited.decrementAndGet();
            event.close();
            throw e;
        }
    }

    /** Notes, and says once, that the GPU is lost, if that is what has failed and not another GPU. */
    void noteIfLost(Throwable failure) {
        if (failure instanceof CudaException cuda
                && cuda.kind() == CudaException.Kind.DEVICE_LOST
                && !answers()
                && lost.compareAndSet(false, true)) {
            LOG.error(
                    "{} is lost: {}; its keys go on on the host, as far as that has their values",
                    this,
                    cuda.getMessage());
        }
    }

    private boolean answers() {
        try {
            gpu.newEvent().close();
            return true;
        } catch (CudaException e) {
            return e.kind() != CudaException.Kind.DEVICE_LOST;
        }
    }

    boolean isLost() {
        return lost.get();
    }

    /**
     * Gives everything back to the driver, also what those held who have stopped with work under way. Nobody gives the GPU
     * any more; waits for what it was given.
     *
     * @throws IllegalStateException if that does not end in {@value #PATIENCE_SECONDS} s; nothing is freed under its work then
     */
    void close() {
        staging.close();
        List.of(uploads, arithmetic, downloads).forEach(this::finish);
        awaitQuiet();
        List.copyOf(held).forEach(GpuBuffer::release);
        memory.close();
        uploads.close();
        arithmetic.close();
        downloads.close();
        gpu.close();
    }

    private void finish(GpuStream stream) {
        try {
            whenDone(stream, failure -> {});
        } catch (CudaException e) {
            noteIfLost(e); // then nothing works on it either
        }
    }

    private void awaitQuiet() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (awaited.get() > 0) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException(this + " is still at work and cannot be closed");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    @Override
    public String toString() {
        return info().label();
    }
}
