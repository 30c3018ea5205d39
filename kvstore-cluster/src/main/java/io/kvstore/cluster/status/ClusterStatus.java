package io.kvstore.cluster.status;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ServerAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What all servers of a cluster tell, put together.
 *
 * @param members the cluster as the server that was asked first sees it
 * @param servers those that answered
 * @param silent addresses of members with the server role that did not answer in time
 * @param stores each store's shares added up
 */
public record ClusterStatus(
        List<MemberStatus> members, List<NodeStatus> servers, List<String> silent, List<StoreStatus> stores) {

    /**
     * Asks one server, and then all that it knows of.
     *
     * @param timeout for each of the two steps
     * @return fails as {@link StatusClient#ask} does if {@code first} does not answer
     */
    public static CompletionStage<ClusterStatus> collect(StatusClient client, ServerAddress first, Duration timeout) {
        return client.ask(first, timeout).thenCompose(asked -> {
            List<ServerAddress> others = asked.members().stream()
                    .filter(member -> member.roles().contains(ClusterConfig.SERVER_ROLE))
                    .map(member -> ServerAddress.parse(member.address()))
                    .filter(server -> !server.uri().equals(asked.address()))
                    .sorted()
                    .toList();
            return askAll(client, others, timeout).thenApply(answers -> of(asked, others, answers));
        });
    }

    /** One answer for each server, null for one that gave none. */
    private static CompletionStage<List<NodeStatus>> askAll(
            StatusClient client, List<ServerAddress> servers, Duration timeout) {
        List<CompletableFuture<NodeStatus>> answers = servers.stream()
                .map(server ->
                        client.ask(server, timeout).exceptionally(none -> null).toCompletableFuture())
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(all -> answers.stream().map(CompletableFuture::join).toList());
    }

    private static ClusterStatus of(NodeStatus asked, List<ServerAddress> others, List<NodeStatus> answers) {
        List<NodeStatus> servers = new ArrayList<>(List.of(asked));
        List<String> silent = new ArrayList<>();
        for (int i = 0; i < others.size(); i++) {
            if (answers.get(i) == null) {
                silent.add(others.get(i).uri());
            } else {
                servers.add(answers.get(i));
            }
        }
        return new ClusterStatus(asked.members(), servers, silent, merged(servers));
    }

    /** The stores of several servers, by name. */
    static List<StoreStatus> merged(List<NodeStatus> servers) {
        Map<String, StoreStatus> stores = new TreeMap<>();
        servers.stream()
                .filter(Objects::nonNull)
                .flatMap(server -> server.stores().stream())
                .forEach(store -> stores.merge(store.store(), store, ClusterStatus::sum));
        return List.copyOf(stores.values());
    }

    private static StoreStatus sum(StoreStatus a, StoreStatus b) {
        StoreStatus newer = b.epoch() > a.epoch() ? b : a;
        List<String> waits = new ArrayList<>(a.waits());
        waits.addAll(b.waits());
        return new StoreStatus(
                a.store(),
                newer.mode().isEmpty() ? (newer == a ? b : a).mode() : newer.mode(),
                a.keys() + b.keys(),
                a.parts() + b.parts(),
                a.bytes() + b.bytes(),
                a.rounds() + b.rounds(),
                newer.epoch(),
                newer.workers(),
                waits);
    }

    /** One JSON object over several lines. */
    public String toJson() {
        Map<String, Object> fields = Map.of(
                "members", members.stream().map(MemberStatus::fields).toList(),
                "servers", servers.stream().map(NodeStatus::fields).toList(),
                "silent", silent,
                "stores", stores.stream().map(StoreStatus::fields).toList());
        return ConfigValueFactory.fromMap(fields)
                .render(ConfigRenderOptions.concise().setFormatted(true));
    }
}
