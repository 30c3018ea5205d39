package io.kvstore.cluster.failure;

import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.TestServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers that end without a word, are replaced, or are only slow; the session timeout is three seconds. */
@Timeout(120)
class LostWorkerTest {
    private static final String SHORT = "kvstore.session-timeout = 3 s\nkvstore.slice-bytes = 16 KiB";

    /** The session timeout and a second. */
    private static final Duration OF_THE_DEAD = Duration.ofSeconds(4);

    private static TestServers servers;
    private final List<MortalWorker> workers = new ArrayList<>();

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, SHORT);
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @AfterEach
    void end() {
        workers.forEach(MortalWorker::close);
    }

    private List<KVStore> join(String store, int n, String settings) {
        IntStream.range(0, n)
                .forEach(i -> workers.add(new MortalWorker(servers, store, "worker-" + i, n, SHORT + "\n" + settings)));
        return workers.stream().map(MortalWorker::store).toList();
    }

    private static void init(List<KVStore> stores, String key, long length) {
        List<CompletableFuture<Void>> inits = stores.stream()
                .map(kv -> kv.async().init(key, filled(1, length)).toCompletableFuture())
                .toList();
        inits.forEach(LostWorkerTest::await);
    }

    private static CompletableFuture<Void> push(KVStore kv, String key, long length, double value) {
        return kv.async().push(key, filled(value, length)).toCompletableFuture();
    }

    private static void await(CompletionStage<Void> stage) {
        stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    private static void within(CompletableFuture<Void> stage, Deadline deadline) {
        stage.orTimeout(deadline.left().toMillis(), TimeUnit.MILLISECONDS).join();
    }

    @Test
    void L08_roundClosesWithoutAWorkerThatDied() {
        List<KVStore> stores = join("closes", 3, "");
        init(stores, "w", 10_000);
        CompletableFuture<Void> first = push(stores.get(0), "w", 10_000, 1);
        CompletableFuture<Void> second = push(stores.get(1), "w", 10_000, 2);

        workers.get(2).die();
        Deadline deadline = Deadline.in(OF_THE_DEAD);

        within(first, deadline);
        within(second, deadline);
        assertFilled(stores.get(0).pull("w"), 3);
        assertThat(stores.get(0).numDeadNodes(4)).isEqualTo(1);
    }

    @Test
    void L08_roundOfAWorkerThatDiedIsGivenUpIfThatIsTheSetting() {
        List<KVStore> stores = join("given-up", 3, "kvstore.rounds.on-worker-loss = fail");
        init(stores, "w", 10_000);
        List<CompletableFuture<Void>> pushes =
                List.of(push(stores.get(0), "w", 10_000, 2), push(stores.get(1), "w", 10_000, 3));

        workers.get(2).die();
        Deadline deadline = Deadline.in(OF_THE_DEAD);

        for (CompletableFuture<Void> each : pushes) {
            assertThatThrownBy(() -> within(each, deadline))
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .hasMessageContaining("round 1 was given up because worker 'worker-2' was lost")
                    .satisfies(e -> assertThat(((KVStoreException) e).reason()).isEqualTo(Reason.ROUND_FAILED));
        }
        assertFilled(stores.get(1).pull("w"), 1);
        List<CompletableFuture<Void>> next =
                List.of(push(stores.get(0), "w", 10_000, 4), push(stores.get(1), "w", 10_000, 5));
        next.forEach(LostWorkerTest::await);
        assertFilled(stores.get(1).pull("w"), 9);
    }

    @Test
    void M13_workerThatComesBackUnderItsNameKeepsValueAndRankAndCountsNoGradient() {
        List<KVStore> stores = join("comes-back", 2, "");
        init(stores, "w", 4);
        CompletableFuture<Void> unanswered = push(stores.get(0), "w", 4, 5);

        MortalWorker again = new MortalWorker(servers, "comes-back", "worker-0", 2, SHORT);
        workers.add(again);
        KVStore replacing = again.store();

        assertThatThrownBy(() -> await(unanswered))
                .hasRootCauseMessage(
                        "the session has ended: another process has" + " registered under this worker's name");
        assertThat(replacing.rank()).isZero();
        replacing.init("w", filled(100, 4));
        assertFilled(replacing.pull("w"), 1);
        await(push(stores.get(1), "w", 4, 2));
        assertFilled(stores.get(1).pull("w"), 7);
        List<CompletableFuture<Void>> next = List.of(push(replacing, "w", 4, 3), push(stores.get(1), "w", 4, 4));
        next.forEach(LostWorkerTest::await);
        assertFilled(replacing.pull("w"), 7);
    }

    @Test
    void aWaitForASlowWorkerIsExplained() {
        List<KVStore> stores = join("slow", 2, "");
        init(stores, "w", 10_000);
        CompletableFuture<Void> waiting = push(stores.get(1), "w", 10_000, 1);

        Deadline deadline = Deadline.in(TestServers.PATIENCE);
        String expected = "round 1 waits for worker 'worker-0' (rank 0)";
        while (!stores.get(1).explain().contains(expected)) {
            assertThat(deadline.left()).as(stores.get(1).explain()).isPositive();
        }
        assertThat(waiting).isNotDone();
        await(push(stores.get(0), "w", 10_000, 1));
        await(waiting);
        assertThat(stores.get(1).explain()).isEmpty();
    }
}
