package io.kvstore.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueType;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which training a process belongs to, and as what.
 *
 * @param seedNodes servers to ask first; empty if none is known
 * @param workers how many workers train together; 0 if it was not said
 * @param servers how many servers there must be before keys are placed
 * @param workerName this worker's name, if it was given one
 * @param storeName tells stores apart that share servers
 * @param role what this process was started as
 */
public record JobSettings(
        List<ServerAddress> seedNodes,
        int workers,
        int servers,
        Optional<String> workerName,
        String storeName,
        Role role) {

    private static final int MOST_NODES = 100_000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");

    /** What a process of a training does; DMLC's names. */
    public enum Role {
        WORKER,
        SERVER,
        /** DMLC's meeting point; servers do its work here. */
        SCHEDULER
    }

    public JobSettings {
        seedNodes = List.copyOf(seedNodes);
        Checks.within("workers", workers, 0, MOST_NODES);
        Checks.within("servers", servers, 1, MOST_NODES);
        workerName.ifPresent(name -> requireName("worker-name", name));
        requireName("store-name", storeName);
    }

    static JobSettings of(Config section) {
        return new JobSettings(
                seedNodes(section),
                section.getInt("workers"),
                section.getInt("servers"),
                Optional.of(section.getString("worker-name")).filter(name -> !name.isEmpty()),
                section.getString("store-name"),
                Checks.choice(section, "role", Role.class));
    }

    private static List<ServerAddress> seedNodes(Config section) {
        boolean list = section.getValue("seed-nodes").valueType() == ConfigValueType.LIST;
        Stream<String> given = list
                ? section.getStringList("seed-nodes").stream()
                : Stream.of(section.getString("seed-nodes").split(","));
        List<ServerAddress> nodes =
                given.filter(text -> !text.isBlank()).map(ServerAddress::parse).toList();
        String root = section.getString("root-host");
        return nodes.isEmpty() && !root.isEmpty()
                ? List.of(ServerAddress.parse(root + ":" + section.getInt("root-port")))
                : nodes;
    }

    private static void requireName(String setting, String name) {
        if (!NAME.matcher(name).matches()) {
            throw Checks.invalid(setting, "1 to 100 letters, digits, '.', '_' or '-'", "'" + name + "'");
        }
    }

    /**
     * Refuses a process that cannot take part in a distributed training as a worker.
     *
     * @throws KVStoreException naming everything that is not set, and {@code launch}, which sets it
     */
    public void requireWorker() {
        if (role != Role.WORKER) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "a distributed store is created by workers, and kvstore.role (DMLC_ROLE) says that this process is a "
                            + role.name().toLowerCase(Locale.ROOT)
                            + "; servers are started with 'kvstore server', a scheduler is not needed");
        }
        List<String> missing = new ArrayList<>();
        if (seedNodes.isEmpty()) {
            missing.add("kvstore.seed-nodes (KVSTORE_SEED_NODES, or DMLC_PS_ROOT_URI and DMLC_PS_ROOT_PORT)");
        }
        if (workers == 0) {
            missing.add("kvstore.workers (KVSTORE_WORKERS or DMLC_NUM_WORKER)");
        }
        if (!missing.isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "a distributed store needs to know where its servers are and how many workers there are; not set: "
                            + String.join(", ", missing)
                            + "; 'kvstore launch -n 2 -s 2 -- COMMAND' starts servers and sets them for its workers");
        }
    }
}
