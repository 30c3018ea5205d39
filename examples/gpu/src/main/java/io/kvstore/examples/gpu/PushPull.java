package io.kvstore.examples.gpu;

import io.kvstore.cuda.Cuda;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.bench.ResNet50;
import java.io.IOException;
import java.util.List;

/**
 * Pushes and pulls ResNet-50's arrays on 2 and 4 logical devices: of the host, and of the first GPU if there is one, with
 * arrays in Java's memory and with arrays on the GPU. A line and an entry in {@code resnet50.json} for each time, and for each
 * ratio to the host's. Options as {@link Check}'s, of which {@code --results} counts.
 */
public final class PushPull {
    private static final int[] DEVICES = {2, 4};
    private static final int ROUNDS = 21;

    private final List<Integer> lengths;
    private final Rounds rounds;
    private final CudaDriver driver;
    private final Report report;

    /** @param driver null if there is no GPU */
    PushPull(List<Integer> lengths, int rounds, CudaDriver driver, Report report) {
        this.lengths = lengths;
        this.rounds = new Rounds(lengths, rounds);
        this.driver = driver;
        this.report = report;
    }

    public static void main(String[] args) throws IOException {
        Options options = Options.orExit(args);
        Report report = new Report("resnet50", System.out, options.results());
        try (report) {
            Cuda.Found found = Cuda.find();
            report.fact(
                    "gpus", found.driver() == null ? List.of() : found.driver().gpus());
            new PushPull(ResNet50.lengths(), ROUNDS, found.driver(), report).run();
        }
        System.exit(report.exitCode());
    }

    void run() {
        for (int devices : DEVICES) {
            DeviceGroup host = DeviceGroup.onHost(devices);
            double reference = measure("host arrays", host, new HostArrays(lengths, devices));
            if (driver != null) {
                DeviceGroup gpu = DeviceGroup.onGpu(0, devices);
                against(reference, "host arrays", gpu, measure("host arrays", gpu, new HostArrays(lengths, devices)));
                double there = measure("arrays on the GPU", gpu, new GpuArrays(driver, 0, lengths, devices));
                against(reference, "arrays on the GPU", gpu, there);
            }
        }
    }

    /** The time of a round; NaN if it failed, which the report has. */
    private double measure(String arrays, DeviceGroup group, Rounds.Arrays of) {
        double[] millis = {Double.NaN};
        report.check("everyOutputIsTheSum, " + arrays, group, () -> {
            try (of;
                    Store store = Store.on(group, driver)) {
                millis[0] = rounds.millis(store, of, group.size());
            }
        });
        if (!Double.isNaN(millis[0])) {
            report.measure("push and pull, " + arrays, group, millis[0], "ms");
        }
        return millis[0];
    }

    private void against(double reference, String arrays, DeviceGroup group, double millis) {
        if (!Double.isNaN(reference / millis)) {
            report.measure("the host store's time to this one's, " + arrays, group, reference / millis, "");
        }
    }
}
