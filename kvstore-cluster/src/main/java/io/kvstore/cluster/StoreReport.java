package io.kvstore.cluster;

import io.kvstore.actor.PartStore;
import io.kvstore.actor.PartStore.PartInfo;
import io.kvstore.cluster.coordinator.Membership;
import io.kvstore.cluster.sharding.NodeStore;
import io.kvstore.cluster.sharding.NodeStores;
import io.kvstore.cluster.status.StoreStatus;
import io.kvstore.cluster.status.WorkerStatus;
import java.util.List;
import java.util.Optional;

/** What a server node tells of the stores that it has a share of. */
final class StoreReport {
    private StoreReport() {}

    static List<StoreStatus> of(NodeStores node) {
        return node.names().stream()
                .flatMap(name -> node.report(name).map(store -> of(name, store)).stream())
                .toList();
    }

    private static StoreStatus of(String name, NodeStore store) {
        List<PartInfo> parts = store.parts().map(PartStore::parts).orElse(List.of());
        List<PartInfo> heads =
                parts.stream().filter(each -> each.part().isHead()).toList();
        Optional<Membership> membership = store.membership();
        return new StoreStatus(
                name,
                store.terms().map(terms -> terms.sync() ? "sync" : "async").orElse(""),
                heads.size(),
                parts.size(),
                parts.stream().mapToLong(PartInfo::bytes).sum(),
                heads.stream().mapToLong(PartInfo::version).sum(),
                membership.map(Membership::epoch).orElse(0L),
                membership.map(StoreReport::workers).orElse(List.of()),
                parts.stream()
                        .filter(each -> !each.waitingFor().isEmpty())
                        .map(each -> "key " + each.part() + ": " + each.waitingFor())
                        .toList());
    }

    private static List<WorkerStatus> workers(Membership membership) {
        return membership.members().stream()
                .map(member -> new WorkerStatus(member.name(), member.rank(), member.incarnation(), member.live()))
                .toList();
    }
}
