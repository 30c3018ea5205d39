package io.kvstore.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import com.typesafe.config.Config;
import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreProvider;
import io.kvstore.KVStoreSettings;
import io.kvstore.Reason;
import io.kvstore.actor.StoreActor;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** The stores of one JVM: types {@code local} and {@code device} and their other names. */
public final class LocalStores implements KVStoreProvider {
    @Override
    public Set<String> types() {
        return Set.of("local", "local_update_cpu", "local_allreduce_cpu", "device", "local_allreduce_device");
    }

    @Override
    public KVStore create(String type, KVStoreBuilder builder) {
        KVStoreSettings settings = builder.settings();
        return builder.system().isPresent() ? guest(type, settings, builder) : embedded(type, settings, builder);
    }

    private static KVStore embedded(String type, KVStoreSettings settings, KVStoreBuilder builder) {
        Config config = builder.config();
        Config own = config.getConfig("kvstore.embedded").withFallback(config);
        ActorSystem<StoreActor.Command> system = ActorSystem.create(
                StoreActor.create(type, settings, builder.cudaDriver().orElse(null)), "kvstore", own);
        return new SessionKVStore(new LocalSession(system, system, builder.controller(), LocalSession.Ending.SYSTEM));
    }

    private static KVStore guest(String type, KVStoreSettings settings, KVStoreBuilder builder) {
        ActorSystem<?> system = builder.system().orElseThrow();
        requireConfiguration(system);
        ActorRef<StoreActor.Command> store = system.systemActorOf(
                StoreActor.create(type, settings, builder.cudaDriver().orElse(null)),
                "kvstore-" + UUID.randomUUID(),
                DispatcherSelector.fromConfig("kvstore.dispatcher"));
        return new SessionKVStore(new LocalSession(system, store, builder.controller(), LocalSession.Ending.STORE));
    }

    /** A store's interface over an actor that the user spawned; closing it leaves the actor running. */
    public static KVStore over(ActorRef<StoreActor.Command> store, ActorSystem<?> system) {
        requireConfiguration(system);
        return new SessionKVStore(new LocalSession(system, store, Optional.empty(), LocalSession.Ending.SESSION));
    }

    private static void requireConfiguration(ActorSystem<?> system) {
        for (String path :
                new String[] {"kvstore.dispatcher", "kvstore.device-dispatcher", "kvstore.callback-dispatcher"}) {
            if (!system.settings().config().hasPath(path)) {
                throw new KVStoreException(
                        Reason.INVALID_CONFIGURATION,
                        "actor system '" + system.name() + "' has no setting " + path
                                + "; create it with a configuration"
                                + " that falls back to the defaults of reference.conf:"
                                + " yours.withFallback(ConfigFactory.load())");
            }
        }
    }
}
