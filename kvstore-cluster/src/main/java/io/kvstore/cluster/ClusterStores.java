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
import java.util.Set;

/** The stores of many machines: type {@code dist} and its relatives, as a worker creates them. */
public final class ClusterStores implements KVStoreProvider {
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
            if (!config.equals(system.settings().config())) {
                throw new KVStoreException(
                        Reason.INVALID_CONFIGURATION,
                        "a store of type '" + type + "' that is a guest takes its settings from its actor system '"
                                + system.name() + "'; put them into that system's configuration");
            }
            return new SessionKVStore(new ClusterSession(type, system, false, builder.settings()));
        }
        Config own = ClusterConfig.worker(config);
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), ServerAddress.SYSTEM, own);
        try {
            return new SessionKVStore(new ClusterSession(type, system, true, builder.settings()));
        } catch (RuntimeException e) {
            system.terminate();
            throw e;
        }
    }
}
