package io.kvstore.cluster.command;

import com.typesafe.config.Config;
import io.kvstore.KVStoreSettings;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.command.Finding.Level;
import io.kvstore.cluster.link.LinkSettings;
import io.kvstore.cuda.Cuda;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks for what would keep a store from working on this machine, or from reaching its servers. */
@Command(
        name = "doctor",
        sortOptions = false,
        header = "Looks for what would keep a store from working here, or from reaching its servers.",
        footer = {
            "",
            "Each line is ok, warn (works, but worse or not for everything) or fail, with the remedy below it.",
            "",
            "Exit codes: 0 nothing failed; 1 something failed; 2 a wrong option or setting."
        })
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions configuration;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "servers to reach (kvstore.seed-nodes); without any, frames are sent within this machine")
    private List<String> seeds = List.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Config loaded = configuration.load(seeds.isEmpty() ? Map.of() : Map.of("seed-nodes", seeds));
        ClusterSettings settings = ClusterSettings.of(loaded);
        List<Finding> findings = new ArrayList<>();
        findings.add(MachineChecks.java(Runtime.version(), Runtime.getRuntime().maxMemory()));
        findings.add(
                MachineChecks.threads(Runtime.getRuntime().availableProcessors(), System.getenv("OMP_NUM_THREADS")));
        findings.add(MachineChecks.backend(getClass().getClassLoader()));
        findings.addAll(MachineChecks.gpus(
                Cuda.find(), KVStoreSettings.of(loaded).devices().stream().anyMatch(name -> name.startsWith("gpu"))));
        Path memory = settings.road().directory().map(Path::of).orElse(MachineChecks.SHARED_MEMORY);
        findings.add(MachineChecks.sharedMemory(memory, LinkSettings.roadBytes(settings)));
        List<Finding> tls = TlsChecks.of(loaded);
        findings.addAll(tls);
        findings.add(NetworkChecks.port(settings));
        findings.addAll(
                failed(tls)
                        ? List.of(Finding.warn("reach", "not tried, as TLS does not work here", "mend that first"))
                        : new NetworkChecks(loaded, settings).connections());
        findings.forEach(spec.commandLine().getOut()::println);
        return failed(findings) ? Exit.FAILED : Exit.DONE;
    }

    private static boolean failed(List<Finding> findings) {
        return findings.stream().anyMatch(finding -> finding.level() == Level.FAIL);
    }
}
