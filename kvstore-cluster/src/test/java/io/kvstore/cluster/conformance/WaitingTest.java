package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.cluster.TestServers;
import io.kvstore.session.Patience;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.LoggerFactory;

/** What waits for another worker says for whom, and neither gives up early nor waits for ever. */
class WaitingTest {
    private static final String QUICK = "kvstore { session-timeout = 2 s, heartbeat-interval = 250 ms }\n";
    private static TestServers servers;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, QUICK);
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"w", "big"})
    void explainNamesWhoHasNotPushedWhichRoundOfWhichKey(String key) {
        long[] shape = key.equals("w") ? S23 : BIG;
        try (Workers workers = Workers.of(servers, "dist_sync", 3, QUICK)) {
            workers.all(kv -> {
                kv.init(key, filled(0, shape));
                return null;
            });
            workers.store(0).async().push(key, filled(1, shape));
            workers.store(0).async().push(key, filled(1, shape));
            CompletionStage<INDArray> pulled = workers.store(0).async().pull(key);
            Workers.get(workers.start(2, kv -> {
                kv.push(key, filled(1, shape));
                assertThat(kv.explain()).contains("worker-1"); // so that the push has arrived
                return null;
            }));
            List<String> lines = workers.store(0).explain().lines().toList();
            assertThat(lines).hasSize(3);
            assertThat(lines)
                    .allSatisfy(line -> assertThat(line)
                            .contains("of key '" + key + "'", "round 1 waits for worker 'worker-1' (rank 1)")
                            .doesNotContain("worker-2"));
            assertThat(pulled.toCompletableFuture()).isNotDone();
            workers.all(kv -> {
                int missing = List.of(0, 2, 1).get(kv.rank());
                for (int push = 0; push < missing; push++) {
                    kv.push(key, filled(1, shape));
                }
                kv.flush();
                return null;
            });
        }
    }

    @Test
    void aLongWaitIsLoggedAndEndsWithPatience() {
        String settings = QUICK + "kvstore { explain-after = 300 ms, patience = 3 s }";
        Logger logger = (Logger) LoggerFactory.getLogger(Patience.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        try (Workers workers = Workers.of(servers, "dist_sync", 2, settings)) {
            workers.all(kv -> {
                kv.init("w", filled(0, S23));
                return null;
            });
            Future<Void> waiting = workers.start(0, kv -> {
                kv.push("w", filled(1, S23));
                assertThatThrownBy(() -> kv.pull("w"))
                        .isInstanceOf(KVStoreTimeoutException.class)
                        .hasMessageContaining("pull of key 'w'")
                        .hasMessageContaining("round 1 waits for worker 'worker-1' (rank 1)");
                assertThatThrownBy(kv::barrier)
                        .isInstanceOf(KVStoreTimeoutException.class)
                        .hasMessageContaining("barrier")
                        .hasMessageContaining("worker-1");
                return null;
            });
            Workers.get(waiting);
            assertThat(List.copyOf(log.list))
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .anySatisfy(line -> assertThat(line)
                            .contains("still waiting", "pull of key 'w'", "round 1 waits for worker 'worker-1'"))
                    .anySatisfy(line -> assertThat(line).contains("still waiting", "barrier", "worker-1"));
            workers.all(kv -> {
                kv.push("w", filled(1, S23)); // of worker 0 for the second round, of worker 1 for the first
                return null;
            });
            assertFilled(Workers.get(workers.start(1, kv -> kv.pull("w"))), 2);
            workers.store(1).push("w", filled(1, S23));
        } finally {
            logger.detachAppender(log);
        }
    }

    @Test
    void aLiveButSlowWorkerEndsNothing() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, QUICK)) {
            workers.all(kv -> {
                kv.init("w", filled(0, S23));
                return null;
            });
            Future<INDArray> waiting = workers.start(0, kv -> {
                kv.push("w", filled(1, S23));
                return kv.pull("w");
            });
            assertThatThrownBy(() -> waiting.get(6, TimeUnit.SECONDS)) // three times the session timeout
                    .isInstanceOf(TimeoutException.class);
            assertThat(workers.store(0).numDeadNodes(4)).isZero();
            workers.store(1).push("w", filled(1, S23));
            assertFilled(Workers.get(waiting), 2);
        }
    }
}
