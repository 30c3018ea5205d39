package io.kvstore.cluster.command;

import com.typesafe.config.Config;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.TlsFiles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Starts servers and workers of one training on this machine, and ends the servers after the workers. */
@Command(
        name = "launch",
        sortOptions = false,
        header = "Starts servers and workers of one training on this machine.",
        footer = {
            "",
            "COMMAND is run once per worker, with these environment variables, which KVStore.create(\"dist_sync\") reads:",
            "KVSTORE_SEED_NODES, KVSTORE_WORKERS, KVSTORE_SERVERS, KVSTORE_WORKER_NAME (worker-0, worker-1..),",
            "KVSTORE_STORE_NAME, KVSTORE_SLICE_BYTES, KVSTORE_NUMBER_OF_SHARDS; and DMLC_ROLE=worker,",
            "DMLC_NUM_WORKER, DMLC_NUM_SERVER, DMLC_PS_ROOT_URI, DMLC_PS_ROOT_PORT.",
            "OMP_NUM_THREADS is 1 unless it is set. Its standard input is empty, and each line of its",
            "output is passed on with the worker's name in front. SIGINT, SIGTERM and SIGHUP are passed on to the workers;",
            "those that still run 10 seconds later, or at the second signal, are killed. So is what they leave running.",
            "",
            "Exit codes: 0 all workers ended with 0; else that of the first process that failed, 128 + N if signal N",
            "ended it or launch itself; 1 the servers or COMMAND did not start; 2 a wrong option or setting."
        })
final class LaunchCommand implements Callable<Integer> {
    private static final int MOST = 1000;

    @Mixin
    private ConfigOptions configuration;

    @Option(
            names = {"-n", "--workers"},
            required = true,
            paramLabel = "W",
            description = "how many workers")
    private int workers;

    @Option(
            names = {"-s", "--servers"},
            required = true,
            paramLabel = "S",
            description = "how many servers")
    private int servers;

    @Option(names = "--store-name", paramLabel = "NAME", description = "the store's name (kvstore.store-name)")
    private String storeName;

    @Option(
            names = "--server-heap",
            paramLabel = "SIZE",
            description = "each server's largest heap, such as 2g; else that of this program")
    private String serverHeap;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "what each worker runs, after --")
    private List<String> command;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        requireRange("--workers", workers);
        requireRange("--servers", servers);
        Map<String, Object> options = new HashMap<>();
        if (storeName != null) {
            options.put("store-name", storeName);
        }
        Config loaded = configuration.load(options);
        ClusterSettings settings = ClusterSettings.of(loaded); // unusable settings are told once, by launch
        TlsFiles.requireReadable(loaded);
        Output output = new Output(System.out, System.err);
        ServerFleet fleet = new ServerFleet(servers, serverHeap, configuration.asArguments(), output);
        return new Launch(fleet, workers, command, settings, output).run();
    }

    private void requireRange(String option, int value) {
        if (value < 1 || value > MOST) {
            throw new ParameterException(
                    spec.commandLine(), option + ": a number from 1 to " + MOST + " expected, given " + value);
        }
    }
}
