package io.kvstore.cluster.link;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ClusterSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What an actor system's configuration must say so that nothing is lost between its node and others. */
final class LinkConfiguration {
    private static final int QUEUE = 4 * LinkState.MAX_FRAMES;

    private static final Map<String, String> SERIALIZERS =
            Map.of("kvstore-link", LinkSerializer.class.getName(), "kvstore-key", KeyMessageSerializer.class.getName());

    private static final Map<String, String> BINDINGS = Map.of(
            LinkMessage.class.getName(),
            "kvstore-link",
            "io.kvstore.actor.KeyCommand",
            "kvstore-key",
            "io.kvstore.actor.KeyReply",
            "kvstore-key");

    private final Config config;
    private final List<String> missing = new ArrayList<>();

    private LinkConfiguration(Config config) {
        this.config = config;
    }

    /** @throws KVStoreException that lists every line to add to the system's configuration */
    static void require(String system, Config config) {
        if (!config.hasPath("kvstore.slice-bytes")) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "actor system '" + system + "' has no setting kvstore.slice-bytes; create it with a configuration"
                            + " that falls back to the defaults of reference.conf:"
                            + " yours.withFallback(ConfigFactory.load())");
        }
        LinkConfiguration check = new LinkConfiguration(config);
        check.remoting();
        check.frames(ClusterSettings.of(config).maximumFrameBytes());
        check.serializers();
        if (!check.missing.isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "actor system '" + system
                            + "' is not configured for a store over several machines; add to its configuration:\n  "
                            + String.join("\n  ", check.missing));
        }
    }

    private void remoting() {
        require("akka.actor.provider", "cluster");
        require("akka.actor.allow-java-serialization", "off");
        require("akka.remote.artery.enabled", "on");
        String list = "akka.remote.artery.large-message-destinations";
        boolean listed =
                config.hasPath(list) && config.getStringList(list).stream().anyMatch(LinkConfiguration::covers);
        if (!listed) {
            missing.add(list + " += \"" + Endpoints.PATH + "\"");
        }
    }

    /** Whether one of Akka's patterns, whose last element may be or end in a wildcard, names the endpoint. */
    static boolean covers(String pattern) {
        int star = pattern.indexOf('*');
        if (star < 0) {
            return pattern.equals(Endpoints.PATH);
        }
        boolean deep = pattern.endsWith("/**");
        String head = pattern.substring(0, star);
        return Endpoints.PATH.startsWith(head) && (deep || Endpoints.PATH.indexOf('/', star) < 0);
    }

    private void frames(int least) {
        String advanced = "akka.remote.artery.advanced.";
        atLeast(advanced + "maximum-large-frame-size", bytes(advanced + "maximum-large-frame-size"), least, " B");
        String queue = advanced + "outbound-large-message-queue-size";
        atLeast(queue, config.hasPath(queue) ? config.getInt(queue) : 0, QUEUE, "");
    }

    private void serializers() {
        SERIALIZERS.forEach((name, type) -> require("akka.actor.serializers." + name, type));
        BINDINGS.forEach((type, name) -> require("akka.actor.serialization-bindings.\"" + type + "\"", name));
    }

    private void require(String path, String expected) {
        if (!config.hasPath(path) || !same(path, expected)) {
            missing.add(path + " = " + (expected.indexOf('.') < 0 ? expected : '"' + expected + '"'));
        }
    }

    private boolean same(String path, String expected) {
        if (expected.equals("on") || expected.equals("off")) {
            return config.getBoolean(path) == expected.equals("on");
        }
        return config.getString(path).equals(expected);
    }

    private long bytes(String path) {
        try {
            return config.getBytes(path);
        } catch (ConfigException.Missing e) {
            return 0;
        }
    }

    private void atLeast(String path, long given, long least, String unit) {
        if (given < least) {
            missing.add(path + " = " + least + unit);
        }
    }
}
