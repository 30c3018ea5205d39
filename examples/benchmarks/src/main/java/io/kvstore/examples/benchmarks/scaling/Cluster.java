package io.kvstore.examples.benchmarks.scaling;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.KVStoreServer;
import io.kvstore.cluster.ServerAddress;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** One server and all workers of a {@code dist_sync} store in this JVM, each an actor system that talks TCP to the others. */
final class Cluster implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private static final String SERVER = """
            kvstore.server.port = 0
            kvstore.server.embedded.akka {
              # Its end must not be this program's.
              coordinated-shutdown { exit-jvm = off, run-by-jvm-shutdown-hook = off, run-by-actor-system-terminate = off }
              loglevel = "WARNING"
            }
            """;

    private final ActorSystem<Void> server;
    private final ServerAddress address;

    Cluster() {
        Config loaded = ConfigFactory.load(ConfigFactory.parseString(SERVER));
        server = ActorSystem.create(Behaviors.empty(), ServerAddress.SYSTEM, ClusterConfig.server(loaded));
        KVStoreServer keys = KVStoreServer.start(server, ClusterSettings.of(loaded));
        akka.cluster.typed.Cluster cluster = akka.cluster.typed.Cluster.get(server);
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        address = keys.up()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /** A store that {@code n} workers have joined; by rank. */
    List<KVStore> workers(int n) {
        ExecutorService joining = Executors.newFixedThreadPool(n);
        try {
            List<CompletableFuture<KVStore>> joined = IntStream.range(0, n)
                    .mapToObj(rank -> CompletableFuture.supplyAsync(() -> worker(rank, n), joining))
                    .toList();
            return joined.stream().map(CompletableFuture::join).toList();
        } finally {
            joining.shutdown();
        }
    }

    private KVStore worker(int rank, int n) {
        Config config = ConfigFactory.load(ConfigFactory.parseString("""
                kvstore { seed-nodes = "%s", worker-name = "worker-%d", workers = %d, patience = 60 s }
                """.formatted(address, rank, n)));
        return KVStore.builder().type("dist_sync").config(config).build();
    }

    @Override
    public void close() {
        server.terminate();
        server.getWhenTerminated()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }
}
