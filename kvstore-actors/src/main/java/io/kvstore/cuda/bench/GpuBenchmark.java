package io.kvstore.cuda.bench;

import io.kvstore.Key;
import io.kvstore.cuda.Completions;
import io.kvstore.cuda.Cuda;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.Gpu;
import io.kvstore.cuda.GpuEvent;
import io.kvstore.cuda.GpuKernels;
import io.kvstore.cuda.GpuStream;
import io.kvstore.cuda.PinnedMemory;
import io.kvstore.cuda.Staging;
import io.kvstore.optimizer.DeviceStep;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Measures one GPU against its own ceilings: staged copies against copies of pinned memory, sums and updates against a
 * copy within the device that moves as many bytes. Prints a line for each figure, and all as JSON.
 *
 * <pre>
 *   java -cp ... io.kvstore.cuda.bench.GpuBenchmark [ordinal [MiB of each array [repeats]]]       defaults: 0 256 20
 * </pre>
 *
 * The time is the host's, around work that takes milliseconds; each figure is the best of the repeats.
 */
public final class GpuBenchmark implements AutoCloseable {
    private static final int PIECE = 4 << 20;
    private static final int CHUNKS = 8;
    private static final int MOST_SOURCES = 8;
    private static final String COPY = "copy within the device";

    private final Gpu gpu;
    private final int bytes;
    private final int repeats;
    private final GpuStream stream;
    private final GpuEvent event;
    private final List<Long> arrays = new ArrayList<>();
    private final List<Measured> figures = new ArrayList<>();

    /** @param bytes of each of the twelve arrays, a multiple of 16 */
    GpuBenchmark(Gpu gpu, int bytes, int repeats) {
        this.gpu = gpu;
        this.bytes = bytes;
        this.repeats = repeats;
        this.stream = gpu.newStream();
        this.event = gpu.newEvent();
        for (int i = 0; i < MOST_SOURCES + 4; i++) {
            arrays.add(gpu.allocate(bytes));
            stream.fill(arrays.get(i), (byte) 0, bytes);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        Cuda.Found found = Cuda.find();
        if (found.driver() == null) {
            System.out.println("no GPU: " + found.reason());
            return;
        }
        CudaDriver driver = found.driver();
        int ordinal = args.length > 0 ? Integer.parseInt(args[0]) : 0;
        int mebibytes = args.length > 1 ? Integer.parseInt(args[1]) : 256;
        int repeats = args.length > 2 ? Integer.parseInt(args[2]) : 20;
        try (Gpu gpu = driver.open(ordinal);
                GpuBenchmark benchmark = new GpuBenchmark(gpu, Math.multiplyExact(mebibytes, 1 << 20), repeats)) {
            System.out.println(driver.version() + "; " + gpu.info());
            List<Measured> figures = benchmark.run();
            figures.forEach(System.out::println);
            System.out.println(Measured.json(driver.version(), gpu.info().toString(), benchmark.bytes, figures));
        }
    }

    /** All figures. */
    List<Measured> run() throws InterruptedException {
        copies();
        kernels();
        return List.copyOf(figures);
    }

    private void copies() throws InterruptedException {
        int piece = Math.min(PIECE, bytes);
        double up;
        double down;
        try (PinnedMemory pinned = gpu.allocatePinned(piece)) {
            up = best(bytes, () -> inPieces(piece, at -> stream.upload(arrays.get(0) + at, pinned, 0, piece)));
            down = best(bytes, () -> inPieces(piece, at -> stream.download(pinned, 0, arrays.get(0) + at, piece)));
        }
        String ceilingUp = "upload of pinned memory";
        String ceilingDown = "download to pinned memory";
        figures.add(new Measured(ceilingUp, up, 1, ""));
        figures.add(new Measured(ceilingDown, down, 1, ""));
        int threads = Math.max(1, Math.min(4, Runtime.getRuntime().availableProcessors() - 1));
        ExecutorService copier = Executors.newFixedThreadPool(threads);
        float[] host = new float[bytes / Float.BYTES];
        try (Completions completions = new Completions();
                Staging staging = new Staging(gpu, completions, copier, CHUNKS, piece)) {
            double staged = best(
                    bytes,
                    () -> waitFor(latch -> staging.upload(
                            stream,
                            (offset, into) -> into.asFloatBuffer().put(host, (int) (offset / 4), into.remaining() / 4),
                            arrays.get(0),
                            bytes,
                            failure -> latch.countDown())));
            figures.add(new Measured("staged upload of a Java array", staged, staged / up, ceilingUp));
            staged = best(
                    bytes,
                    () -> waitFor(latch -> staging.download(
                            stream,
                            arrays.get(0),
                            (offset, from) -> from.asFloatBuffer().get(host, (int) (offset / 4), from.remaining() / 4),
                            bytes,
                            failure -> latch.countDown())));
            figures.add(new Measured("staged download to a Java array", staged, staged / down, ceilingDown));
            waitUntilFree(completions);
        } finally {
            copier.shutdown();
        }
    }

    private void kernels() throws InterruptedException {
        long into = arrays.get(MOST_SOURCES);
        double copy = best(2L * bytes, () -> stream.copy(into, arrays.get(0), bytes));
        figures.add(new Measured(COPY, copy, 1, ""));
        GpuKernels kernels = new GpuKernels(gpu);
        for (DType dtype : new DType[] {DType.FLOAT32, DType.FLOAT16}) {
            for (int count : new int[] {2, 4, 8}) {
                double speed = best(
                        (count + 1L) * bytes,
                        () -> kernels.sum(stream, dtype, sources(count), into, bytes / dtype.bytes()));
                figures.add(new Measured("sum of " + count + ", " + dtype, speed, speed / copy, COPY));
            }
        }
        update(kernels, copy, "sgd with momentum", Optimizer.sgd().momentum(0.9).build(), 1);
        update(kernels, copy, "adam", Optimizer.adam().build(), 2);
    }

    /** Sum of 4 gradients and update in one pass: reads them, weight and states, and writes weight and states. */
    private void update(GpuKernels kernels, double copy, String name, Optimizer optimizer, int states)
            throws InterruptedException {
        DeviceStep step = DeviceStep.of(optimizer, Key.of(0), 1, DType.FLOAT32).orElseThrow();
        long weight = arrays.get(MOST_SOURCES + 1);
        long[] there = {arrays.get(MOST_SOURCES + 2), arrays.get(MOST_SOURCES + 3)};
        double speed = best(
                (4 + 2 * (1L + states)) * bytes,
                () -> kernels.update(
                        stream,
                        step,
                        DType.FLOAT32,
                        sources(4),
                        weight,
                        Arrays.copyOf(there, states),
                        bytes / Float.BYTES));
        figures.add(new Measured("sum of 4 and " + name + ", float32", speed, speed / copy, COPY));
    }

    private long[] sources(int count) {
        return arrays.stream().limit(count).mapToLong(Long::longValue).toArray();
    }

    private interface Work {
        void run() throws InterruptedException;
    }

    private interface At {
        void run(int offset);
    }

    private interface Told {
        void run(CountDownLatch latch);
    }

    private void inPieces(int piece, At work) {
        for (int at = 0; at + piece <= bytes; at += piece) {
            work.run(at);
        }
    }

    private static void waitFor(Told work) throws InterruptedException {
        CountDownLatch latch = new CountDownLatch(1);
        work.run(latch);
        latch.await();
    }

    /** The best speed, in bytes per second, of work that moves so many. */
    private double best(long moved, Work work) throws InterruptedException {
        work.run();
        finish();
        long best = Long.MAX_VALUE;
        for (int i = 0; i < repeats; i++) {
            long start = System.nanoTime();
            work.run();
            finish();
            best = Math.min(best, System.nanoTime() - start);
        }
        return moved * 1e9 / best;
    }

    /** Asks without a pause: this thread has nothing else to do, and a pause would be measured too. */
    private void finish() {
        stream.record(event);
        while (!event.isDone()) {
            Thread.onSpinWait();
        }
    }

    /** The last chunks come back when their events were asked about. */
    private void waitUntilFree(Completions completions) throws InterruptedException {
        stream.record(event);
        waitFor(latch -> completions.whenDone(event, failure -> latch.countDown()));
    }

    @Override
    public void close() {
        finish();
        arrays.forEach(gpu::free);
        event.close();
        stream.close();
    }
}
