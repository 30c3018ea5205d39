package io.kvstore.cluster.coordinator;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.ClusterSingleton;
import akka.cluster.typed.ClusterSingletonSettings;
import akka.cluster.typed.SingletonActor;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ClusterConfig;
import java.util.List;
import java.util.Map;

/**
 * The coordinator on a server node: the singleton, which runs on one of the servers; this node's view, which keeps what
 * must not be lost and tells the node's keys; and the door for workers, which are no members of the cluster.
 */
public final class CoordinatorNode {
    static final String DOOR_NAME = "kvstore-control";
    static final String DOOR = "/system/" + DOOR_NAME;

    /** Control messages go on while a user's code keeps the other threads busy. */
    static final DispatcherSelector DISPATCHER = DispatcherSelector.fromConfig("akka.actor.internal-dispatcher");

    private volatile Map<String, List<String>> waits = Map.of();

    private CoordinatorNode() {}

    /**
     * Starts the coordinator's parts on this node, once in an ActorSystem's life.
     *
     * @param system a member of its cluster, or on the way to be one, with the role {@link ClusterConfig#SERVER_ROLE}
     * @throws KVStoreException if it has not the role
     */
    public static CoordinatorNode start(ActorSystem<?> system, StoreListener listener) {
        if (!Cluster.get(system).selfMember().hasRole(ClusterConfig.SERVER_ROLE)) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "a server needs the role " + ClusterConfig.SERVER_ROLE + ", this node has "
                            + Cluster.get(system).selfMember().getRoles() + "; set akka.cluster.roles = [\""
                            + ClusterConfig.SERVER_ROLE
                            + "\"]");
        }
        CoordinatorNode node = new CoordinatorNode();
        CoordinatorSettings settings = CoordinatorSettings.of(system.settings().config());
        system.systemActorOf(MembershipView.create(new SafeListener(listener)), MembershipView.NAME, DISPATCHER);
        ActorRef<CoordinatorActor.Command> coordinator = ClusterSingleton.get(system)
                .init(SingletonActor.of(CoordinatorActor.create(settings, node), "kvstore-coordinator")
                        .withStopMessage(CoordinatorActor.Stop.INSTANCE)
                        .withProps(DISPATCHER)
                        .withSettings(ClusterSingletonSettings.create(system).withRole(ClusterConfig.SERVER_ROLE)));
        system.systemActorOf(door(coordinator), DOOR_NAME, DISPATCHER);
        return node;
    }

    /**
     * What workers wait for, by store, each wait in one line: barriers, registrations, configurations, commands. Known on
     * the node that the coordinator runs on, about a heartbeat interval old; empty on the others.
     */
    public Map<String, List<String>> waits() {
        return waits;
    }

    void waits(Map<String, List<String>> now) {
        waits = now;
    }

    /** Passes workers' requests on to the coordinator, wherever it is; it answers them itself. */
    private static Behavior<CoordinatorActor.FromWorker> door(ActorRef<CoordinatorActor.Command> coordinator) {
        return Behaviors.receiveMessage(message -> {
            coordinator.tell(message);
            return Behaviors.same();
        });
    }
}
