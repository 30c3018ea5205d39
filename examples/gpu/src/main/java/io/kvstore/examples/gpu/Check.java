package io.kvstore.examples.gpu;

import io.kvstore.cuda.Cuda;
import io.kvstore.cuda.GpuInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks device stores on the host's devices and on every GPU there is, and says how it went: a line for each check, files
 * of results, and exit code 0 if all passed, 1 if one failed, 2 if the options are wrong.
 *
 * <p>Options, each with a value: {@code --devices gpu(0),gpu(0)} checks these alone, and may be given several times; {@code
 * --seeds 300} is how many random histories run on each; {@code --results folder} is where the files go.
 */
public final class Check {
    private static final long FIRST_SEED = 1;

    private Check() {}

    public static void main(String[] args) throws IOException {
        Options options;
        try {
            options = Options.of(args);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(2);
            return;
        }
        Report report = new Report(System.out, options.results());
        try (report) {
            run(options, report);
        }
        System.exit(report.failed() == 0 ? 0 : 1);
    }

    private static void run(Options options, Report report) {
        report.fact("java", Runtime.version().toString());
        report.fact("processors", Runtime.getRuntime().availableProcessors());
        Cuda.Found found = Cuda.find();
        List<GpuInfo> gpus = found.driver() == null ? List.of() : found.driver().gpus();
        report.fact("gpus", gpus.stream().map(GpuInfo::toString).toList());
        if (gpus.isEmpty()) {
            report.fact("no gpu because", found.reason());
        }
        for (DeviceGroup group : options.devices().isEmpty() ? allGroups(gpus) : options.devices()) {
            check(group, options.seeds(), report);
        }
    }

    private static List<DeviceGroup> allGroups(List<GpuInfo> gpus) {
        List<DeviceGroup> groups = new ArrayList<>(DeviceGroup.onHost());
        gpus.forEach(gpu -> groups.addAll(DeviceGroup.onGpu(gpu.ordinal())));
        return groups;
    }

    /** Each case on a store of its own, the histories on one. */
    private static void check(DeviceGroup group, int seeds, Report report) {
        for (Case each : Case.all()) {
            report.check(each.name(), group, () -> each.runOn(group));
        }
        report.check("R01_randomHistoriesOf" + seeds + "SeedsAreThoseOfTheModel", group, () -> {
            try (Store store = Store.on(group)) {
                Histories.run(store, FIRST_SEED, seeds);
            }
        });
    }
}
