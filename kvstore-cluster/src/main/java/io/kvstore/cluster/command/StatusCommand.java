package io.kvstore.cluster.command;

import io.kvstore.cluster.status.ClusterStatus;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows what a running cluster has: members, stores, workers, keys, open waits. */
@Command(
        name = "status",
        sortOptions = false,
        header = "Shows a running cluster: members, stores, workers, keys, open waits.",
        footer = {"", Exit.HELP})
final class StatusCommand implements Callable<Integer> {
    @Mixin
    private ConfigOptions configuration;

    @Mixin
    private ClientOptions client;

    @Option(names = "--json", description = "as one JSON object")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (Client asking = client.connect(configuration)) {
            ClusterStatus status =
                    asking.firstAnswer(server -> ClusterStatus.collect(asking.status(), server, asking.timeout()));
            spec.commandLine().getOut().println(json ? status.toJson() : StatusTable.of(status));
            return Exit.DONE;
        }
    }
}
