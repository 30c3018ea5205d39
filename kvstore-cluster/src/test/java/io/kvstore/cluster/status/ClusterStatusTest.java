package io.kvstore.cluster.status;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.TestConfig;
import io.kvstore.cluster.TestServers;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClusterStatusTest {
    private static final WorkerStatus FIRST = new WorkerStatus("worker-0", 0, 1, true);
    private static final WorkerStatus DEAD = new WorkerStatus("worker-1", 1, 3, false);

    private static NodeStatus node(String address, StoreStatus... stores) {
        List<MemberStatus> members =
                List.of(new MemberStatus("akka://kvstore@a:1", "Up", List.of("kvstore-server"), true, true));
        return new NodeStatus(address, "1.2", 3, 4, 5, 6, members, List.of(stores));
    }

    @Test
    void statusOfANodeReadsBackFromJson() {
        NodeStatus node = node(
                "akka://kvstore@a:1",
                new StoreStatus(
                        "default", "sync", 1, 2, 3_000_000_000L, 4, 5, List.of(FIRST, DEAD), List.of("key 'w\"'")));
        assertThat(node.toJson()).doesNotContain("\n");
        assertThat(NodeStatus.fromJson(node.toJson())).isEqualTo(node);
        assertThatThrownBy(() -> NodeStatus.fromJson("{\"address\":\"a\"}"))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("version");
        assertThatThrownBy(() -> NodeStatus.fromJson("{")).isInstanceOf(KVStoreException.class);
    }

    @Test
    void sharesOfAStoreAreAddedAndTheNewestMembershipCounts() {
        List<StoreStatus> merged = ClusterStatus.merged(List.of(
                node("a", new StoreStatus("s", "", 1, 10, 100, 1000, 1, List.of(FIRST), List.of("one"))),
                node(
                        "b",
                        new StoreStatus("t", "async", 7, 7, 7, 7, 1, List.of(), List.of()),
                        new StoreStatus("s", "sync", 2, 20, 200, 2000, 2, List.of(FIRST, DEAD), List.of("two")))));

        assertThat(merged)
                .containsExactly(
                        new StoreStatus("s", "sync", 3, 30, 300, 3000, 2, List.of(FIRST, DEAD), List.of("one", "two")),
                        new StoreStatus("t", "async", 7, 7, 7, 7, 1, List.of(), List.of()));
    }

    @Test
    void strangerIsToldOfAllServersAndTheLargestFrameComesBack() {
        try (TestServers servers = TestServers.start(2, "")) {
            ActorSystem<Void> stranger = ActorSystem.create(
                    Behaviors.empty(), "stranger", ClusterConfig.client(TestConfig.load("akka.loglevel = ERROR")));
            try {
                StatusClient client = new StatusClient(stranger);
                ServerAddress first = servers.servers().get(0).address();

                ClusterStatus status = ClusterStatus.collect(client, first, Duration.ofSeconds(20))
                        .toCompletableFuture()
                        .orTimeout(60, TimeUnit.SECONDS)
                        .join();

                String[] addresses = servers.servers().stream()
                        .map(server -> server.address().uri())
                        .toArray(String[]::new);
                assertThat(status.servers()).extracting(NodeStatus::address).containsExactlyInAnyOrder(addresses);
                assertThat(status.members()).extracting(MemberStatus::address).containsExactlyInAnyOrder(addresses);
                assertThat(status.members()).extracting(MemberStatus::state).containsOnly("Up");
                assertThat(status.members().stream().filter(MemberStatus::coordinator))
                        .hasSize(1);
                assertThat(status.silent()).isEmpty();
                assertThat(status.toJson()).contains("\"silent\"", addresses[0], addresses[1]);

                byte[] frame = new byte[1024 * 1024 + 64 * 1024];
                new Random(7).nextBytes(frame);
                client.probe(first, frame, Duration.ofSeconds(20))
                        .toCompletableFuture()
                        .join();
            } finally {
                stranger.terminate();
                stranger.getWhenTerminated().toCompletableFuture().join();
            }
        }
    }

    @Test
    void serverThatIsNotThereEndsTheWait() {
        ActorSystem<Void> stranger = ActorSystem.create(
                Behaviors.empty(), "stranger", ClusterConfig.client(TestConfig.load("akka.loglevel = OFF")));
        try {
            ServerAddress nobody = ServerAddress.parse("127.0.0.1:1");
            assertThatThrownBy(() -> new StatusClient(stranger)
                            .ask(nobody, Duration.ofMillis(300))
                            .toCompletableFuture()
                            .orTimeout(30, TimeUnit.SECONDS)
                            .join())
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOf(KVStoreTimeoutException.class)
                    .hasMessageContaining("127.0.0.1:1")
                    .hasMessageContaining("300 ms");
        } finally {
            stranger.terminate();
            stranger.getWhenTerminated().toCompletableFuture().join();
        }
    }
}
