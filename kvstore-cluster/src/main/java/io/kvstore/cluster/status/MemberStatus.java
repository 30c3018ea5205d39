package io.kvstore.cluster.status;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Map;

/**
 * A member of the cluster, as one server sees it.
 *
 * @param address {@code akka://system@host:port}
 * @param state Akka's word: {@code Joining}, {@code Up}, {@code Leaving}..
 * @param roles such as {@code kvstore-server}
 * @param reachable whether the server hears of it
 * @param coordinator whether the store's coordinator runs there
 */
public record MemberStatus(String address, String state, List<String> roles, boolean reachable, boolean coordinator) {
    public MemberStatus {
        roles = List.copyOf(roles);
    }

    Map<String, Object> fields() {
        return Map.of(
                "address", address,
                "state", state,
                "roles", roles,
                "reachable", reachable,
                "coordinator", coordinator);
    }

    static MemberStatus of(Config fields) {
        return new MemberStatus(
                fields.getString("address"),
                fields.getString("state"),
                fields.getStringList("roles"),
                fields.getBoolean("reachable"),
                fields.getBoolean("coordinator"));
    }
}
