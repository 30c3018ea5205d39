package io.kvstore.cluster.coordinator;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.List;

/**
 * Which worker of which store a session is.
 *
 * @param store the store's name in the cluster
 * @param name the worker's name, or empty to be given one
 * @param workers how many workers the store has
 * @param servers addresses of servers to ask first, such as {@code akka://kvstore@10.0.0.1:25520}
 */
public record WorkerIdentity(String store, String name, int workers, List<String> servers) {
    public WorkerIdentity {
        Limits.name("store name", store);
        if (!name.isEmpty()) {
            Limits.name("worker name", name);
        }
        if (workers < 1 || workers > Limits.WORKERS) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION, "a store has 1 to " + Limits.WORKERS + " workers, given " + workers);
        }
        servers = List.copyOf(servers);
        if (servers.isEmpty() || servers.size() > Limits.SERVERS) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "a worker needs the addresses of 1 to " + Limits.SERVERS + " servers, given " + servers.size());
        }
    }
}
