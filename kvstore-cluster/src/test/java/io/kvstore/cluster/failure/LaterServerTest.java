package io.kvstore.cluster.failure;

import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.cluster.KVStoreServer;
import io.kvstore.cluster.TestServers;
import io.kvstore.cluster.conformance.Workers;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that joins when the keys have their homes, and servers whose workers leave. */
@Timeout(120)
class LaterServerTest {
    private static final int KEYS = 12;
    private static final int LATER_KEYS = 60;

    /** What a server holds: parts and bytes. */
    private record Share(long parts, long bytes) {}

    private static Share share(KVStoreServer server, String store) {
        return server
                .status()
                .toCompletableFuture()
                .orTimeout(TestServers.PATIENCE.toSeconds(), TimeUnit.SECONDS)
                .join()
                .stores()
                .stream()
                .filter(each -> each.store().equals(store))
                .findFirst()
                .map(each -> new Share(each.parts(), each.bytes()))
                .orElse(new Share(0, 0));
    }

    private static List<Share> shares(TestServers servers) {
        return servers.servers().stream().map(each -> share(each, "training")).toList();
    }

    @Test
    void thirdServerMovesNothingInMidTrainingAndGetsNewKeys() {
        String slices = "kvstore.slice-bytes = 16 KiB";
        try (TestServers servers = TestServers.start(2, slices);
                Workers workers = Workers.named(servers, "training", "dist_sync", 2, slices)) {
            workers.all(kv -> {
                for (int i = 0; i < KEYS; i++) {
                    kv.init("k" + i, filled(0, 10_000));
                }
                return null;
            });
            train(workers, 0, 3);
            List<Share> before = shares(servers);
            assertThat(before).allMatch(share -> share.parts() > 0);

            Future<Void> training = workers.start(0, kv -> trainOne(kv, 3, 40));
            Future<Void> other = workers.start(1, kv -> trainOne(kv, 3, 40));
            servers.add();
            Workers.get(training);
            Workers.get(other);
            train(workers, 40, 43);

            assertThat(shares(servers).subList(0, 2))
                    .as("what the first two hold")
                    .isEqualTo(before);
            assertThat(shares(servers).get(2)).as("what the third holds").isEqualTo(new Share(0, 0));
            workers.all(kv -> {
                for (int i = 0; i < LATER_KEYS; i++) {
                    kv.init("later-" + i, filled(i, 10_000));
                    assertFilled(kv.pull("later-" + i), i);
                }
                return null;
            });
            assertThat(shares(servers).get(2).parts())
                    .as("new parts on the third")
                    .isPositive();
            train(workers, 43, 45);
        }
    }

    private static void train(Workers workers, int from, int to) {
        workers.all(kv -> trainOne(kv, from, to));
    }

    /** Every round assigns the sum of what the two push, and is the key's next version. */
    private static Void trainOne(KVStore kv, int from, int to) {
        for (int round = from; round < to; round++) {
            for (int i = 0; i < KEYS; i++) {
                kv.push("k" + i, filled(round * 100 + i, 10_000));
            }
            for (int i = 0; i < KEYS; i++) {
                assertFilled(kv.pull("k" + i), 2 * (round * 100 + i));
                assertThat(kv.info("k" + i).orElseThrow().version()).isEqualTo(round + 1);
            }
        }
        return null;
    }

    @Test
    void L07_serversInTheUsersOwnSystemsStayUpWhenAllWorkersHaveLeft() {
        try (TestServers servers = TestServers.start(2, "")) {
            for (int job = 0; job < 2; job++) {
                String store = "job-" + job;
                try (Workers workers = Workers.named(servers, store, "dist_sync", 2, "")) {
                    workers.all(kv -> {
                        kv.init("w", filled(1, 4));
                        kv.push("w", filled(2, 4));
                        assertFilled(kv.pull("w"), 4);
                        return null;
                    });
                }
                assertThat(servers.systems())
                        .noneMatch(system ->
                                system.getWhenTerminated().toCompletableFuture().isDone());
                assertThat(servers.servers().stream()
                                .mapToLong(each -> share(each, store).parts())
                                .sum())
                        .as("the parts that are kept")
                        .isEqualTo(1);
            }
        }
    }
}
