package io.kvstore;

import akka.actor.typed.ActorSystem;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.kvstore.cuda.CudaDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Collects what a new store shall be: its type, its settings, and whose actor system it lives in. */
public final class KVStoreBuilder {
    private String type = "local";
    private ActorSystem<?> system;
    private Config config;
    private Config overrides = ConfigFactory.empty();
    private KVStoreProvider provider;
    private ServerController controller;
    private CudaDriver cudaDriver;

    KVStoreBuilder() {}

    /** The type, in any case; see {@link KVStore#create(String)}. */
    public KVStoreBuilder type(String type) {
        if (type == null) {
            throw new KVStoreException(Reason.UNKNOWN_TYPE, "the type of a store must not be null");
        }
        this.type = type.toLowerCase(Locale.ROOT);
        return this;
    }

    /** Makes the store a guest in this system; its configuration applies. */
    public KVStoreBuilder system(ActorSystem<?> system) {
        this.system = system;
        return this;
    }

    /** The configuration to read, instead of the guest system's or {@code ConfigFactory.load()}. */
    public KVStoreBuilder config(Config config) {
        this.config = config;
        return this;
    }

    /** Logical devices of a {@code device} store, on the host. */
    public KVStoreBuilder devices(int devices) {
        return set("devices", devices);
    }

    /**
     * The logical devices of a {@code device} store by name, such as {@code gpu(0)} or {@code cpu(0)}; several may be on one
     * GPU. For a GPU that is not there a host device takes its place, and the log says why.
     */
    public KVStoreBuilder devices(String first, String... more) {
        List<String> names = new ArrayList<>(List.of(more));
        names.add(0, first);
        return set("devices", names);
    }

    /** The driver of the GPUs that devices are named for, instead of the one that is found. */
    public KVStoreBuilder cudaDriver(CudaDriver driver) {
        this.cudaDriver = driver;
        return this;
    }

    /** The driver to use, if one was given. */
    public Optional<CudaDriver> cudaDriver() {
        return Optional.ofNullable(cudaDriver);
    }

    /** A wait that is longer ends with a {@link KVStoreTimeoutException}. */
    public KVStoreBuilder patience(Duration patience) {
        return set("patience", patience.toNanos() + " ns");
    }

    /**
     * One setting of the {@code kvstore} section, such as {@code set("in-flight-bytes", "16 MiB")}. The store is refused if
     * no configuration knows the name.
     */
    public KVStoreBuilder set(String name, Object value) {
        overrides = overrides.withValue("kvstore." + name, ConfigValueFactory.fromAnyRef(value));
        return this;
    }

    /** The provider to use, whatever others are registered for the type. */
    public KVStoreBuilder provider(KVStoreProvider provider) {
        this.provider = provider;
        return this;
    }

    /** What runs where keys live when a command is sent, instead of one found through ServiceLoader. */
    public KVStoreBuilder controller(ServerController controller) {
        this.controller = controller;
        return this;
    }

    /** The controller in force, if there is one. */
    public Optional<ServerController> controller() {
        return Optional.ofNullable(controller).or(ServerController::registered);
    }

    /** The system the store shall be a guest of, if any. */
    public Optional<ActorSystem<?>> system() {
        return Optional.ofNullable(system);
    }

    /**
     * The configuration in force: what was set here, then the given, the guest system's or the loaded one.
     *
     * @throws KVStoreException if a name was set that none of them has
     */
    public Config config() {
        Config base =
                config != null ? config : system != null ? system.settings().config() : ConfigFactory.load();
        KVStoreSettings.requireKnown(overrides, base);
        return overrides.withFallback(base);
    }

    /** The settings in force. @throws KVStoreException naming a setting that is missing or out of range */
    public KVStoreSettings settings() {
        return KVStoreSettings.of(config());
    }

    /** @throws KVStoreException if no provider, or more than one, offers the type */
    public KVStore build() {
        return chosenProvider().create(type, this);
    }

    /** The provider that will make the store. @throws KVStoreException as {@link #build} */
    KVStoreProvider chosenProvider() {
        if (provider != null) {
            return provider;
        }
        Map<String, KVStoreProvider> known = known();
        KVStoreProvider found = known.get(type);
        if (found == null) {
            throw new KVStoreException(Reason.UNKNOWN_TYPE, unknown(known));
        }
        return found;
    }

    boolean isDistributed() {
        return type.startsWith("dist");
    }

    private String unknown(Map<String, KVStoreProvider> known) {
        if (isDistributed()) {
            return "store type '" + type + "' needs the artifact io.kvstore:kvstore-cluster on the class path; without"
                    + " it known are " + known.keySet();
        }
        return "unknown store type '" + type + "'; known are " + known.keySet();
    }

    private static Map<String, KVStoreProvider> known() {
        Map<String, KVStoreProvider> known = new TreeMap<>();
        for (KVStoreProvider each : ServiceLoader.load(KVStoreProvider.class)) {
            for (String name : each.types()) {
                KVStoreProvider other = known.put(name.toLowerCase(Locale.ROOT), each);
                if (other != null) {
                    throw new KVStoreException(
                            Reason.INVALID_CONFIGURATION,
                            "two providers offer store type '" + name + "': "
                                    + other.getClass().getName() + " and "
                                    + each.getClass().getName()
                                    + "; name one with KVStore.builder().provider(..) or remove the other");
                }
            }
        }
        return known;
    }
}
