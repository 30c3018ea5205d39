package io.kvstore.examples.embedding;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.KVStoreServer;
import io.kvstore.optimizer.Optimizer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * An Akka cluster of a program's own whose members take the store in: one holds the keys, two train as workers, each in its own
 * actor system, here all in one JVM. Closing the stores leaves the cluster running.
 */
public final class ClusterGuest {
    private static final String NAME = "my-cluster";
    private static final int WORKERS = 2;
    private static final long PATIENCE_SECONDS = 60;

    private ClusterGuest() {}

    public static void main(String[] arguments) {
        run(System.out);
    }

    static void run(PrintStream out) {
        List<ActorSystem<Void>> members = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
        try {
            Config serverConfig = config("akka.cluster.roles = [kvstore-server]");
            ActorSystem<Void> first = member(serverConfig, members);
            KVStoreServer server = KVStoreServer.start(first, ClusterSettings.of(serverConfig));
            String address = get(server.up().toCompletableFuture()).uri();

            List<CompletableFuture<Double>> errors = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                String settings = "kvstore { seed-nodes = \"%s\", workers = %d, worker-name = \"worker-%d\" }"
                        .formatted(address, WORKERS, i);
                ActorSystem<Void> system = member(config(settings), members);
                errors.add(CompletableFuture.supplyAsync(() -> train(system), threads));
            }
            for (int i = 0; i < WORKERS; i++) {
                out.printf(Locale.ROOT, "worker-%d: error %.1e%n", i, get(errors.get(i)));
            }
            out.println("the stores are closed, the cluster has "
                    + Cluster.get(first).state().members().size() + " members still");
        } finally {
            threads.shutdown();
            members.forEach(ActorSystem::terminate);
            members.forEach(
                    system -> system.getWhenTerminated().toCompletableFuture().join());
        }
    }

    private static Config config(String settings) {
        return ConfigFactory.load(ConfigFactory.parseString(settings)
                .withFallback(ConfigFactory.parseString("""
                        akka.loglevel = ERROR
                        # Several members in one JVM, which ends when the program says so.
                        akka.cluster.jmx.multi-mbeans-in-same-jvm = on
                        akka.coordinated-shutdown.run-by-actor-system-terminate = off
                        """))
                .withFallback(ConfigFactory.parseResources("cluster-guest.conf")));
    }

    private static ActorSystem<Void> member(Config config, List<ActorSystem<Void>> members) {
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), NAME, config);
        members.add(system);
        Cluster.get(system)
                .manager()
                .tell(Join.create(Cluster.get(members.get(0)).selfMember().address()));
        return system;
    }

    /** The part of one worker: both push the gradient of their samples, the server applies the sum. */
    private static double train(ActorSystem<Void> system) {
        try (KVStore kv = KVStore.create("dist_sync", system)) {
            Regression regression = new Regression();
            kv.setOptimizer(Optimizer.sgd()
                    .learningRate(0.5)
                    .rescaleGrad(1.0 / (regression.samples() * kv.numWorkers()))
                    .build());
            double[] error = {Double.NaN};
            regression.fit(kv, 16, (step, weight) -> error[0] = regression.distance(weight));
            return error[0];
        }
    }

    private static <T> T get(CompletableFuture<T> future) {
        return future.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }
}
