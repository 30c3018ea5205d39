package io.kvstore.cluster.failure;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.kvstore.KVStore;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.TestServers;
import io.kvstore.cluster.conformance.Workers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A worker whose actor system this JVM can end without a word to anybody, as a killed process ends. */
final class MortalWorker implements AutoCloseable {
    private final ActorSystem<Void> system;
    private final CompletableFuture<KVStore> store;

    /**
     * Begins to join a store; {@link #store} waits until it has.
     *
     * @param settings as in a configuration file
     */
    MortalWorker(TestServers servers, String store, String name, int n, String settings) {
        Config config = ClusterConfig.worker(Workers.config(servers, store, name, n, settings));
        this.system = ActorSystem.create(Behaviors.empty(), "kvstore", config);
        this.store = CompletableFuture.supplyAsync(
                () -> KVStore.builder().type("dist_sync").system(system).build());
    }

    KVStore store() {
        return store.orTimeout(TestServers.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    void die() {
        system.terminate();
        system.getWhenTerminated()
                .toCompletableFuture()
                .orTimeout(TestServers.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        die();
    }
}
