package io.kvstore.cluster;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.cluster.Cluster;
import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.ServerController;
import io.kvstore.cluster.sharding.NodeStores;
import io.kvstore.cluster.status.NodeStatus;
import io.kvstore.cluster.status.StatusActor;
import io.kvstore.cluster.status.StatusSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * A node that keys live on: a member of a cluster that carries the role {@link ClusterConfig#SERVER_ROLE}, in an actor
 * system of the command line's or of the user's own. Joining the cluster is left to the system's owner.
 */
public final class KVStoreServer {
    private final ActorSystem<?> system;
    private final NodeReport report;
    private final CompletableFuture<ServerAddress> up = new CompletableFuture<>();

    private KVStoreServer(ActorSystem<?> system, StatusSource stores) {
        this.system = system;
        this.report = new NodeReport(system, stores);
        Cluster.get(system).registerOnMemberUp(() -> up.complete(address()));
    }

    /**
     * Makes the node one that keys live on, from when it is a member that is up.
     *
     * @throws KVStoreException if the system's configuration lacks what a server needs, listing the lines to add
     */
    public static KVStoreServer start(ActorSystem<?> system, ClusterSettings settings) {
        return start(system, settings, ServerController.registered());
    }

    /** As {@link #start(ActorSystem, ClusterSettings)}, with what runs when a worker sends a command. */
    public static KVStoreServer start(
            ActorSystem<?> system, ClusterSettings settings, Optional<ServerController> controller) {
        requireConfiguration(system);
        NodeStores stores = NodeStores.start(system, settings, controller);
        KVStoreServer server =
                new KVStoreServer(system, () -> CompletableFuture.completedFuture(StoreReport.of(stores)));
        system.systemActorOf(StatusActor.create(server::status), StatusActor.NAME, Props.empty());
        return server;
    }

    private static void requireConfiguration(ActorSystem<?> system) {
        Config akka = system.settings().config().getConfig("akka");
        List<String> missing = new ArrayList<>();
        if (!akka.getString("actor.provider").equals("cluster")) {
            missing.add("akka.actor.provider = cluster");
        } else if (!akka.getStringList("cluster.roles").contains(ClusterConfig.SERVER_ROLE)) {
            missing.add("akka.cluster.roles += \"" + ClusterConfig.SERVER_ROLE + "\"");
        }
        if (akka.getString("cluster.downing-provider-class").isEmpty()) {
            missing.add("akka.cluster.downing-provider-class = \"akka.cluster.sbr.SplitBrainResolverProvider\"");
        }
        if (!missing.isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "actor system '" + system.name()
                            + "' is not configured to be a server of a store; add to its configuration:\n  "
                            + String.join("\n  ", missing));
        }
    }

    /** Where workers and other servers reach this one. */
    public ServerAddress address() {
        return ServerAddress.parse(Cluster.get(system).selfMember().address().toString());
    }

    /** Done when the node is a member that is up; never, if it ends before. */
    public CompletionStage<ServerAddress> up() {
        return up.copy();
    }

    /** What the node tells of itself, now. */
    public CompletionStage<NodeStatus> status() {
        return report.tell();
    }

    /** Leaves the cluster and ends the actor system. The values of keys that live here end with it. */
    public CompletionStage<Done> leave() {
        return CoordinatedShutdown.get(system).runAll(Leaving.INSTANCE);
    }

    /** Why the system ends: somebody asked this server to leave. */
    private enum Leaving implements CoordinatedShutdown.Reason {
        INSTANCE;

        @Override
        public String toString() {
            return "asked to leave";
        }
    }
}
