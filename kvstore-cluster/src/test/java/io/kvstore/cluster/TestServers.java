package io.kvstore.cluster;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.ServerController;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/** Several servers in this JVM, each an actor system of its own, at free ports. Closing it ends them. */
public final class TestServers implements AutoCloseable {
    /** Long enough for a busy machine. */
    public static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final String IN_ONE_JVM = """
            kvstore.server.port = 0
            kvstore.server.embedded.akka {
              # Ending one must not end the tests; a busy machine must not look like death.
              coordinated-shutdown { exit-jvm = off, run-by-jvm-shutdown-hook = off, run-by-actor-system-terminate = off }
              cluster.failure-detector.acceptable-heartbeat-pause = 20 s
              loglevel = "WARNING"
            }
            """;

    private final String settings;
    private final IntFunction<ServerController> controllers;
    private final List<ActorSystem<Void>> systems = new ArrayList<>();
    private final List<KVStoreServer> servers = new ArrayList<>();

    private TestServers(String settings, IntFunction<ServerController> controllers) {
        this.settings = settings;
        this.controllers = controllers;
    }

    /**
     * Starts {@code n} servers and waits until all are up.
     *
     * @param settings as in a configuration file
     */
    public static TestServers start(int n, String settings) {
        return start(n, settings, server -> null);
    }

    /** As {@link #start(int, String)}; {@code controllers} gives each server, by its number from 0, its controller or null. */
    public static TestServers start(int n, String settings, IntFunction<ServerController> controllers) {
        TestServers started = new TestServers(settings + "\nkvstore.servers = " + n, controllers);
        try {
            List<CompletableFuture<ServerAddress>> up = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                up.add(started.begin());
            }
            up.forEach(TestServers::await);
            return started;
        } catch (RuntimeException | Error e) {
            started.close();
            throw e;
        }
    }

    /** Starts one more, and waits until it is up. */
    public ActorSystem<Void> add() {
        await(begin());
        return systems.get(systems.size() - 1);
    }

    private CompletableFuture<ServerAddress> begin() {
        Config loaded = ConfigFactory.parseString(IN_ONE_JVM).withFallback(TestConfig.load(settings));
        ActorSystem<Void> system =
                ActorSystem.create(Behaviors.empty(), ServerAddress.SYSTEM, ClusterConfig.server(loaded));
        systems.add(system);
        servers.add(KVStoreServer.start(
                system, ClusterSettings.of(loaded), Optional.ofNullable(controllers.apply(servers.size()))));
        Cluster.get(system)
                .manager()
                .tell(Join.create(Cluster.get(systems.get(0)).selfMember().address()));
        return servers.get(servers.size() - 1).up().toCompletableFuture();
    }

    /** The servers, in the order of their start. */
    public List<KVStoreServer> servers() {
        return List.copyOf(servers);
    }

    /** Their actor systems. */
    public List<ActorSystem<Void>> systems() {
        return List.copyOf(systems);
    }

    /** The first server's address, for {@code kvstore.seed-nodes}. */
    public String seedNode() {
        return servers.get(0).address().toString();
    }

    private static void await(CompletableFuture<ServerAddress> up) {
        up.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Ends all at once, without leaving the cluster first. */
    @Override
    public void close() {
        systems.forEach(ActorSystem::terminate);
        systems.forEach(system -> system.getWhenTerminated()
                .toCompletableFuture()
                .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join());
    }
}
