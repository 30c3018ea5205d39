package io.kvstore.cluster.status;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.List;
import java.util.Map;

/**
 * What one server tells of itself.
 *
 * @param address {@code akka://system@host:port}
 * @param version of the program
 * @param clockMillis its wall clock, in milliseconds since 1970
 * @param uptimeMillis since its JVM started
 * @param heapUsed bytes
 * @param heapMax bytes
 * @param members the cluster as it sees it
 * @param stores what it holds
 */
public record NodeStatus(
        String address,
        String version,
        long clockMillis,
        long uptimeMillis,
        long heapUsed,
        long heapMax,
        List<MemberStatus> members,
        List<StoreStatus> stores) {
    public NodeStatus {
        members = List.copyOf(members);
        stores = List.copyOf(stores);
    }

    Map<String, Object> fields() {
        return Map.of(
                "address", address,
                "version", version,
                "clockMillis", clockMillis,
                "uptimeMillis", uptimeMillis,
                "heapUsed", heapUsed,
                "heapMax", heapMax,
                "members", members.stream().map(MemberStatus::fields).toList(),
                "stores", stores.stream().map(StoreStatus::fields).toList());
    }

    /** One JSON object on one line. */
    public String toJson() {
        return ConfigValueFactory.fromMap(fields()).render(ConfigRenderOptions.concise());
    }

    /** Reads what {@link #toJson} wrote. @throws KVStoreException of anything else */
    public static NodeStatus fromJson(String json) {
        try {
            return of(ConfigFactory.parseString(json));
        } catch (ConfigException e) {
            throw new KVStoreException(
                    Reason.INTERNAL,
                    null,
                    "a server's status cannot be read; is it of another version? " + e.getMessage(),
                    e);
        }
    }

    private static NodeStatus of(Config fields) {
        return new NodeStatus(
                fields.getString("address"),
                fields.getString("version"),
                fields.getLong("clockMillis"),
                fields.getLong("uptimeMillis"),
                fields.getLong("heapUsed"),
                fields.getLong("heapMax"),
                fields.getConfigList("members").stream().map(MemberStatus::of).toList(),
                fields.getConfigList("stores").stream().map(StoreStatus::of).toList());
    }
}
