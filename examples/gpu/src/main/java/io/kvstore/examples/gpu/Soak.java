package io.kvstore.examples.gpu;

import io.kvstore.Stats;
import io.kvstore.cuda.Cuda;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.Gpu;
import java.io.IOException;
import java.time.Duration;

/**
 * Random histories without end in one store, on two logical devices of the first GPU or of the host, and the memory that is in
 * use: after each history none may be, and what the GPU has free must not shrink any more once the store is warm.
 *
 * <p>Options: {@code --minutes 10}, {@code --results folder}, {@code --devices gpu(0),gpu(1)}.
 */
public final class Soak {
    private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);
    private static final long SLACK = 64L << 20; // what the driver itself may take, and other programs

    private final DeviceGroup group;
    private final CudaDriver driver;
    private final Report report;

    /** @param driver null if there is no GPU */
    Soak(DeviceGroup group, CudaDriver driver, Report report) {
        this.group = group;
        this.driver = driver;
        this.report = report;
    }

    public static void main(String[] args) throws IOException {
        Options options = Options.orExit(args);
        CudaDriver driver = Cuda.find().driver();
        DeviceGroup group = !options.devices().isEmpty()
                ? options.devices().get(0)
                : driver == null ? DeviceGroup.onHost(2) : DeviceGroup.onGpu(0, 2);
        Report report = new Report("soak", System.out, options.results());
        try (report) {
            new Soak(group, driver, report).run(options.time());
        }
        System.exit(report.exitCode());
    }

    void run(Duration time) {
        report.check("memoryStaysFlatFor" + time, group, () -> {
            if (driver == null) {
                histories(time, null);
                return;
            }
            try (Gpu gpu = driver.open(0)) {
                histories(time, gpu);
            }
        });
    }

    private void histories(Duration time, Gpu gpu) {
        FreeMemory memory = new FreeMemory(SLACK);
        try (Store store = Store.on(group, driver);
                Histories histories = new Histories(store)) {
            long begin = System.nanoTime();
            long nextLine = begin;
            for (long seed = 1; System.nanoTime() - begin < time.toNanos(); seed++) {
                histories.run(seed, 1);
                Stats stats = store.stats();
                Expect.equal(0L, stats.liveBytes(), "bytes in use after the history of seed " + seed);
                long free = gpu == null ? 0 : gpu.freeBytes();
                if (System.nanoTime() - begin > time.toNanos() / 4) { // warm by now
                    memory.stays(free);
                }
                if (System.nanoTime() >= nextLine) {
                    nextLine = System.nanoTime() + BETWEEN_LINES.toNanos();
                    tell(System.nanoTime() - begin, seed, stats, free);
                }
            }
        }
    }

    private void tell(long nanos, long histories, Stats stats, long free) {
        Runtime runtime = Runtime.getRuntime();
        report.line(String.format(
                "%6d s  %9d histories  heap %5d MiB  kept for reuse %5d MiB  %s",
                nanos / 1_000_000_000,
                histories,
                runtime.totalMemory() - runtime.freeMemory() >> 20,
                stats.idleBytes() >> 20,
                driver == null ? "no GPU" : "GPU has free " + (free >> 20) + " MiB"));
    }
}
