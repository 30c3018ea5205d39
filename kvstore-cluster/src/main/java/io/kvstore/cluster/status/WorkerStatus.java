package io.kvstore.cluster.status;

import com.typesafe.config.Config;
import java.util.Map;

/**
 * A worker of a store, as a server's view of the membership has it.
 *
 * @param name its name
 * @param rank from 0
 * @param incarnation which of its lives
 * @param live whether that incarnation takes part; false once it has left or is dead
 */
public record WorkerStatus(String name, int rank, long incarnation, boolean live) {

    Map<String, Object> fields() {
        return Map.of("name", name, "rank", rank, "incarnation", incarnation, "live", live);
    }

    static WorkerStatus of(Config fields) {
        return new WorkerStatus(
                fields.getString("name"),
                fields.getInt("rank"),
                fields.getLong("incarnation"),
                fields.getBoolean("live"));
    }
}
