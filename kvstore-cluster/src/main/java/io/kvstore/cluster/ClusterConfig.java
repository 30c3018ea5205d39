package io.kvstore.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigValueFactory;
import io.kvstore.cluster.ClusterSettings.Join;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The configuration of actor systems that this project starts itself: the section {@code kvstore.server.embedded} or
 * {@code kvstore.worker.embedded} on top of what was loaded, and on top of that what follows from the settings: addresses,
 * frame sizes, seed nodes.
 */
public final class ClusterConfig {

    /** The role of the cluster members that keys live on. */
    public static final String SERVER_ROLE = "kvstore-server";

    /** The role of workers that join the servers' cluster. */
    public static final String WORKER_ROLE = "kvstore-worker";

    private static final String LOOPBACK = "127.0.0.1";

    /** What Akka puts around a message: header, actor paths, manifest. */
    private static final int ARTERY_HEADER = 64 * 1024;

    private ClusterConfig() {}

    /** A server's system. @throws KVStoreException if a setting is out of range */
    public static Config server(Config loaded) {
        ClusterSettings settings = ClusterSettings.of(loaded);
        Map<String, Object> derived =
                derived(settings, settings.server().host(), settings.server().port());
        derived.put(
                "akka.cluster.role." + SERVER_ROLE + ".min-nr-of-members",
                settings.job().servers());
        derived.put(
                "akka.cluster.shutdown-after-unsuccessful-join-seed-nodes",
                settings.server().joinTimeout().toMillis() + " ms");
        return layered(loaded, "kvstore.server.embedded", derived);
    }

    /** A worker's system. @throws KVStoreException if a setting is out of range, or the process is no worker of any training */
    public static Config worker(Config loaded) {
        ClusterSettings settings = ClusterSettings.of(loaded);
        settings.job().requireWorker();
        return worker(loaded, settings, settings.worker().join() == Join.MEMBER);
    }

    /** The system of a program that only asks servers, such as the first of {@code kvstore.seed-nodes}, and never joins. */
    public static Config client(Config loaded) {
        return worker(loaded, ClusterSettings.of(loaded), false);
    }

    private static Config worker(Config loaded, ClusterSettings settings, boolean joins) {
        List<ServerAddress> seeds = settings.job().seedNodes();
        String host = settings.worker()
                .host()
                .orElseGet(() -> seeds.isEmpty() ? LOOPBACK : LocalAddress.towards(seeds.get(0)));
        Map<String, Object> derived = derived(settings, host, settings.worker().port());
        if (!joins) {
            derived.put("akka.cluster.seed-nodes", List.of());
        }
        return layered(loaded, "kvstore.worker.embedded", derived);
    }

    private static Map<String, Object> derived(ClusterSettings settings, String host, int port) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("akka.remote.artery.canonical.hostname", host);
        values.put("akka.remote.artery.canonical.port", port);
        values.put(
                "akka.remote.artery.advanced.maximum-large-frame-size",
                settings.maximumFrameBytes() + ARTERY_HEADER + " B");
        values.put(
                "akka.cluster.seed-nodes",
                settings.job().seedNodes().stream().map(ServerAddress::uri).toList());
        return values;
    }

    private static Config layered(Config loaded, String section, Map<String, Object> derived) {
        Config top = ConfigFactory.empty();
        for (Map.Entry<String, Object> value : derived.entrySet()) {
            top = top.withValue(value.getKey(), ConfigValueFactory.fromAnyRef(value.getValue()));
        }
        return top.withFallback(loaded.getConfig(section)).withFallback(loaded);
    }
}
