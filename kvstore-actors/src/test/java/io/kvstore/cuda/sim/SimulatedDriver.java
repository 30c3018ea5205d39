package io.kvstore.cuda.sim;

import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.GpuInfo;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A CUDA driver with simulated GPUs. The caller closes it, after {@link #faults} and {@link #leaks} have said that all was
 * well.
 *
 * <p>The worker thread does one operation at a time, chosen by the seed among the streams whose next one may be done: what no
 * event puts in order happens in any order.
 */
public final class SimulatedDriver implements CudaDriver, AutoCloseable {
    private static final long DEFAULT_MEMORY = 256L << 20;
    private static final int MOST_FAULTS = 100;
    private static final int MULTIPROCESSORS = 2;
    private static final Map<String, PtxKernel> SHIPPED = PtxReader.read(shippedPtx());

    private final long seed;
    private final boolean peers;
    private final List<SimulatedGpu> gpus;
    private final DeviceSpace space;
    private final Worker worker;
    private final List<String> faults = new ArrayList<>();
    private final List<SimulatedPinned> pinned = new ArrayList<>();
    private final Clock seenByHost = new Clock();
    private int streams;

    private SimulatedDriver(
            int gpus, long memory, boolean peers, long seed, Duration pause, Map<String, PtxKernel> code) {
        this.seed = seed;
        this.peers = peers;
        this.space = new DeviceSpace(gpus);
        this.worker = new Worker(this, seed, pause);
        this.gpus = IntStream.range(0, gpus)
                .mapToObj(i -> new SimulatedGpu(
                        this, new GpuInfo(i, "Simulated GPU", memory, 8, 0, MULTIPROCESSORS), space, code))
                .toList();
    }

    /** A machine to be described and then {@linkplain Builder#start started}. */
    public static Builder builder() {
        return new Builder();
    }

    /** One machine with {@code gpus} GPUs of 256 MiB that reach each other. */
    public static SimulatedDriver of(int gpus, long seed) {
        return builder().gpus(gpus).seed(seed).start();
    }

    /** What there is in the machine. */
    public static final class Builder {
        private int gpus = 1;
        private long memory = DEFAULT_MEMORY;
        private boolean peers = true;
        private long seed;
        private Duration pause = Duration.ZERO;
        private Map<String, PtxKernel> code = SHIPPED;

        private Builder() {}

        public Builder gpus(int count) {
            gpus = count;
            return this;
        }

        /** Bytes of each GPU. */
        public Builder memory(long bytes) {
            memory = bytes;
            return this;
        }

        /** GPUs do not reach each other's memory. */
        public Builder withoutPeers() {
            peers = false;
            return this;
        }

        /** Chooses the order of what has none. */
        public Builder seed(long value) {
            seed = value;
            return this;
        }

        /** Every operation begins so much later, that whoever does not wait for it is found out. */
        public Builder slow(Duration before) {
            pause = before;
            return this;
        }

        /** Other kernels than the shipped ones. */
        public Builder ptx(String text) {
            code = PtxReader.read(text);
            return this;
        }

        public SimulatedDriver start() {
            return new SimulatedDriver(gpus, memory, peers, seed, pause, code);
        }
    }

    static String shippedPtx() {
        try (InputStream resource = CudaDriver.class.getResourceAsStream("kernels.ptx")) {
            return new String(resource.readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String version() {
        return "simulated CUDA driver, seed " + seed;
    }

    @Override
    public List<GpuInfo> gpus() {
        return gpus.stream().map(SimulatedGpu::info).toList();
    }

    @Override
    public SimulatedGpu open(int ordinal) {
        return gpus.get(ordinal).opened();
    }

    /** The same without opening it, for what only a simulated one can do. */
    public SimulatedGpu gpu(int ordinal) {
        return gpus.get(ordinal);
    }

    /** What a GPU would have let pass or died of: races, bad accesses, memory given back too early. */
    public synchronized List<String> faults() {
        return List.copyOf(faults);
    }

    /** Device memory, pinned memory, streams and events that are not closed, and work that was never done. */
    public List<String> leaks() {
        List<String> leaks = new ArrayList<>();
        gpus.forEach(gpu -> gpu.leaksInto(leaks));
        synchronized (this) {
            pinned.stream().filter(memory -> !memory.isClosed()).forEach(memory -> leaks.add(memory.toString()));
        }
        return leaks;
    }

    /** Bytes of pinned memory in use. */
    public synchronized long pinnedBytes() {
        return pinned.stream()
                .filter(memory -> !memory.isClosed())
                .mapToLong(SimulatedPinned::size)
                .sum();
    }

    synchronized void fault(String what) {
        if (faults.size() < MOST_FAULTS) {
            faults.add(what);
        }
    }

    boolean peers() {
        return peers;
    }

    Worker worker() {
        return worker;
    }

    synchronized int nextStream() {
        return streams++;
    }

    synchronized SimulatedPinned pin(int size) {
        pinned.removeIf(SimulatedPinned::isClosed);
        SimulatedPinned memory = new SimulatedPinned(this, size);
        pinned.add(memory);
        return memory;
    }

    /** A thread of the host has seen that an event is done: what it gives off from now on comes after. */
    synchronized void seen(Clock clock) {
        seenByHost.join(clock);
    }

    synchronized Clock seenByHost() {
        return seenByHost.copy();
    }

    @Override
    public void close() {
        worker.close();
    }
}
