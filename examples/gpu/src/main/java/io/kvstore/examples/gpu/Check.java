package io.kvstore.examples.gpu;

import io.kvstore.cuda.Cuda;
import io.kvstore.cuda.CudaDriver;
import io.kvstore.cuda.GpuInfo;
import java.io.IOException;
import java.util.List;

/**
 * Checks device stores on the host's devices and on every GPU there is, and says how it went: a line for each check, files
 * of results, and exit code 0 if all passed, 1 if one failed, 2 if the options are wrong.
 *
 * <p>Options, each with a value: {@code --devices gpu(0),gpu(0)} checks these alone, and may be given several times; {@code
 * --seeds 200} is how many random histories run on each; {@code --results folder} is where the files go.
 */
public final class Check {
    private static final long FIRST_SEED = 1;

    private Check() {}

    public static void main(String[] args) throws IOException {
        Options options = Options.orExit(args);
        Report report = new Report("check", System.out, options.results());
        try (report) {
            run(options, Cuda.find(), report);
        }
        System.exit(report.exitCode());
    }

    static void run(Options options, Cuda.Found found, Report report) {
        report.fact("java", Runtime.version().toString());
        report.fact("processors", Runtime.getRuntime().availableProcessors());
        List<GpuInfo> gpus = found.driver() == null ? List.of() : found.driver().gpus();
        report.fact("gpus", gpus);
        if (gpus.isEmpty()) {
            report.fact("no gpu because", found.reason());
        }
        for (DeviceGroup group : options.devices().isEmpty() ? DeviceGroup.all(gpus) : options.devices()) {
            check(group, found.driver(), options.seeds(), report);
        }
    }

    /** Each case on a store of its own, the histories on one. */
    private static void check(DeviceGroup group, CudaDriver driver, int seeds, Report report) {
        for (Case each : Case.all()) {
            report.check(each.name(), group, () -> each.runOn(group, driver));
        }
        report.check("R01_randomHistoriesOf" + seeds + "SeedsAreThoseOfTheHost", group, () -> {
            try (Store store = Store.on(group, driver);
                    Histories histories = new Histories(store)) {
                histories.run(FIRST_SEED, seeds);
            }
        });
    }
}
