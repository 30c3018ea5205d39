package io.kvstore.cluster;

import akka.actor.typed.ActorSystem;
import akka.cluster.Cluster;
import akka.cluster.ClusterEvent.CurrentClusterState;
import akka.cluster.Member;
import io.kvstore.cluster.status.MemberStatus;
import io.kvstore.cluster.status.NodeStatus;
import io.kvstore.cluster.status.StatusSource;
import io.kvstore.cluster.status.StoreStatus;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Puts a server's status together: the cluster as it sees it, its JVM, and its stores. */
final class NodeReport {
    private final ActorSystem<?> system;
    private final StatusSource stores;

    NodeReport(ActorSystem<?> system, StatusSource stores) {
        this.system = system;
        this.stores = stores;
    }

    CompletionStage<NodeStatus> tell() {
        return stores.stores().thenApply(this::node);
    }

    private NodeStatus node(List<StoreStatus> told) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        return new NodeStatus(
                Cluster.get(system).selfAddress().toString(),
                Version.text(),
                System.currentTimeMillis(),
                ManagementFactory.getRuntimeMXBean().getUptime(),
                heap.getUsed(),
                heap.getMax(),
                members(Cluster.get(system).state()),
                told);
    }

    private static List<MemberStatus> members(CurrentClusterState state) {
        Optional<Member> oldest = members(state.getMembers())
                .filter(member -> member.hasRole(ClusterConfig.SERVER_ROLE))
                .filter(member -> member.status().equals(akka.cluster.MemberStatus.up()))
                .min((a, b) -> a.isOlderThan(b) ? -1 : 1);
        return members(state.getMembers())
                .map(member -> new MemberStatus(
                        member.address().toString(),
                        member.status().toString(),
                        member.getRoles().stream()
                                .filter(role -> !role.startsWith("dc-"))
                                .sorted()
                                .toList(),
                        !state.getUnreachable().contains(member),
                        oldest.filter(member::equals).isPresent()))
                .toList();
    }

    private static Stream<Member> members(Iterable<Member> members) {
        return StreamSupport.stream(members.spliterator(), false);
    }
}
