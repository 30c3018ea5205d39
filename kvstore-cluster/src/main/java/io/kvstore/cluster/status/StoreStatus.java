package io.kvstore.cluster.status;

import com.typesafe.config.Config;
import java.util.List;
import java.util.Map;

/**
 * A store's share on one server, or, added up, on all.
 *
 * @param store its name
 * @param mode {@code sync} or {@code async}; empty while no worker has said
 * @param keys keys whose head lives there
 * @param parts heads and slices that live there
 * @param bytes of their values and optimizer states
 * @param rounds commits of heads since the server started
 * @param epoch the version of the membership that {@code workers} is
 * @param workers by rank
 * @param waits requests that wait, each told in one line: the key, the round, who it waits for, how long
 */
public record StoreStatus(
        String store,
        String mode,
        long keys,
        long parts,
        long bytes,
        long rounds,
        long epoch,
        List<WorkerStatus> workers,
        List<String> waits) {
    public StoreStatus {
        workers = List.copyOf(workers);
        waits = List.copyOf(waits);
    }

    Map<String, Object> fields() {
        return Map.of(
                "store", store,
                "mode", mode,
                "keys", keys,
                "parts", parts,
                "bytes", bytes,
                "rounds", rounds,
                "epoch", epoch,
                "workers", workers.stream().map(WorkerStatus::fields).toList(),
                "waits", waits);
    }

    static StoreStatus of(Config fields) {
        return new StoreStatus(
                fields.getString("store"),
                fields.getString("mode"),
                fields.getLong("keys"),
                fields.getLong("parts"),
                fields.getLong("bytes"),
                fields.getLong("rounds"),
                fields.getLong("epoch"),
                fields.getConfigList("workers").stream().map(WorkerStatus::of).toList(),
                fields.getStringList("waits"));
    }
}
