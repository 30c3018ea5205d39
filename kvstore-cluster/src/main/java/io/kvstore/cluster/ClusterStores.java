package io.kvstore.cluster;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreProvider;
import io.kvstore.Reason;
import io.kvstore.cluster.session.ClusterSession;
import io.kvstore.session.SessionKVStore;
import java.util.List;
import java.util.Set;

/** The stores of many machines: type {@code dist} and its relatives, as a worker creates them. */
public final class ClusterStores implements KVStoreProvider {
    private static final List<String> OF_ONE_STORE = List.of(
            "store-name",
            "worker-name",
            "workers",
            "seed-nodes",
            "rounds",
            "p3",
            "in-flight-bytes",
            "inline-capture-bytes",
            "pool-bytes",
            "explain-after",
            "patience",
            "close-timeout");

    @Override
    public Set<String> types() {
        return Set.of(
                "dist",
                "dist_sync",
                "dist_async",
                "dist_sync_device",
                "dist_device_sync",
                "dist_async_device",
                "dist_device_async");
    }

    /**
     * Joins the store as a worker and returns when all of its workers are there.
     *
     * @throws KVStoreException if the process was not told where its servers are, the store cannot be joined, or others are
     *     missing
     */
    @Override
    public KVStore create(String type, KVStoreBuilder builder) {
        Config config = builder.config();
        if (builder.system().isPresent()) {
            ActorSystem<?> system = builder.system().get();
            requireOnlyItsOwn(type, system, config);
            return new SessionKVStore(
                    new ClusterSession(type, system, false, builder.settings(), ClusterSettings.of(config)));
        }
        Config own = ClusterConfig.worker(config);
        TlsFiles.requireReadable(own);
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), ServerAddress.SYSTEM, own);
        try {
            return new SessionKVStore(
                    new ClusterSession(type, system, true, builder.settings(), ClusterSettings.of(own)));
        } catch (RuntimeException e) {
            system.terminate();
            throw e;
        }
    }

    /** What all stores of an actor system share, such as link and address, is set once, in the system's configuration. */
    private static void requireOnlyItsOwn(String type, ActorSystem<?> system, Config config) {
        if (!shared(config).equals(shared(system.settings().config()))) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "a store of type '" + type + "' that is a guest of actor system '" + system.name()
                            + "' may set for itself " + OF_ONE_STORE
                            + "; put everything else into that system's configuration");
        }
    }

    private static Config shared(Config config) {
        Config shared = config;
        for (String setting : OF_ONE_STORE) {
            shared = shared.withoutPath("kvstore." + setting);
        }
        return shared;
    }
}
