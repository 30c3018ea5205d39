package io.kvstore.cluster.command;

import com.typesafe.config.Config;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.TlsFiles;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Which servers a command asks, and how long it waits for them. */
final class ClientOptions {
    private static final String DEFAULT_SEED = "127.0.0.1:25520"; // where a server listens unless it is told otherwise

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            split = ",",
            description = "a server to ask (kvstore.seed-nodes; " + DEFAULT_SEED + " if there is none)")
    private List<String> seeds = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "how long to wait for an answer (default: ${DEFAULT-VALUE})")
    private int timeoutSeconds;

    /** The configuration in force; without any seed node said, that of the default server. */
    Config load(ConfigOptions configuration) {
        Config loaded = configuration.load(seeds.isEmpty() ? Map.of() : Map.of("seed-nodes", seeds));
        return ClusterSettings.of(loaded).job().seedNodes().isEmpty()
                ? configuration.load(Map.of("seed-nodes", List.of(DEFAULT_SEED)))
                : loaded;
    }

    Duration timeout() {
        return Duration.ofSeconds(Math.max(1, timeoutSeconds));
    }

    Client connect(ConfigOptions configuration) {
        Config loaded = load(configuration);
        TlsFiles.requireReadable(loaded);
        return new Client(
                ClusterConfig.client(loaded), ClusterSettings.of(loaded).job().seedNodes(), timeout());
    }
}
