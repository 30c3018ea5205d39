package io.kvstore.cluster.command;

import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.status.ClusterStatus;
import io.kvstore.cluster.status.MemberStatus;
import io.kvstore.cluster.status.NodeStatus;
import io.kvstore.cluster.status.StoreStatus;
import io.kvstore.cluster.status.WorkerStatus;
import io.kvstore.session.Times;
import java.time.Duration;
import java.util.Optional;

/** A cluster's status as text, in tables. */
final class StatusTable {
    private final StringBuilder text = new StringBuilder();

    private StatusTable() {}

    static String of(ClusterStatus status) {
        StatusTable table = new StatusTable();
        table.members(status);
        table.stores(status);
        table.shares(status);
        table.workers(status);
        table.waits(status);
        return table.text.toString().stripTrailing();
    }

    private void members(ClusterStatus status) {
        TextTable table = new TextTable("MEMBER", "STATE", "ROLES", "UPTIME", "HEAP", "VERSION", "");
        for (MemberStatus member : status.members()) {
            Optional<NodeStatus> node = status.servers().stream()
                    .filter(server -> server.address().equals(member.address()))
                    .findFirst();
            table.row(
                    ServerAddress.parse(member.address()).toString(),
                    member.reachable() ? member.state() : member.state() + ", unreachable",
                    String.join(" ", member.roles()),
                    node.map(server -> Times.text(Duration.ofSeconds(server.uptimeMillis() / 1000)))
                            .orElse("-"),
                    node.map(StatusTable::heap).orElse("-"),
                    node.map(NodeStatus::version).orElse("-"),
                    note(status, member));
        }
        add(table);
    }

    private static String heap(NodeStatus server) {
        return Units.bytes(server.heapUsed()) + " of " + Units.bytes(server.heapMax());
    }

    private static String note(ClusterStatus status, MemberStatus member) {
        String note = member.coordinator() ? "coordinator" : "";
        return status.silent().contains(member.address()) ? (note + " does not answer").strip() : note;
    }

    private void stores(ClusterStatus status) {
        if (status.stores().isEmpty()) {
            text.append("no store has a key or a worker here\n\n");
            return;
        }
        TextTable table =
                new TextTable("STORE", "MODE", "KEYS", "PARTS", "BYTES", "ROUNDS", "EPOCH", "WORKERS", "WAITS");
        for (StoreStatus store : status.stores()) {
            table.row(
                    store.store(),
                    store.mode().isEmpty() ? "-" : store.mode(),
                    store.keys(),
                    store.parts(),
                    Units.bytes(store.bytes()),
                    store.rounds(),
                    store.epoch(),
                    store.workers().stream().filter(WorkerStatus::live).count(),
                    store.waits().size());
        }
        add(table);
    }

    private void shares(ClusterStatus status) {
        if (status.stores().isEmpty() || status.servers().size() < 2) {
            return;
        }
        TextTable table = new TextTable("STORE", "SERVER", "KEYS", "PARTS", "BYTES");
        for (StoreStatus whole : status.stores()) {
            for (NodeStatus server : status.servers()) {
                server.stores().stream()
                        .filter(share -> share.store().equals(whole.store()))
                        .forEach(share -> table.row(
                                share.store(),
                                ServerAddress.parse(server.address()),
                                share.keys(),
                                share.parts(),
                                Units.bytes(share.bytes())));
            }
        }
        add(table);
    }

    private void workers(ClusterStatus status) {
        if (status.stores().stream().allMatch(store -> store.workers().isEmpty())) {
            return;
        }
        TextTable table = new TextTable("STORE", "RANK", "WORKER", "INCARNATION", "");
        for (StoreStatus store : status.stores()) {
            for (WorkerStatus worker : store.workers()) {
                table.row(
                        store.store(), worker.rank(), worker.name(), worker.incarnation(), worker.live() ? "" : "gone");
            }
        }
        add(table);
    }

    private void waits(ClusterStatus status) {
        status.stores()
                .forEach(store -> store.waits()
                        .forEach(wait -> text.append(store.store())
                                .append(" waits: ")
                                .append(wait)
                                .append('\n')));
    }

    private void add(TextTable table) {
        text.append(table).append('\n');
    }
}
