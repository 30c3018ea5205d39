package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.TestServers;
import io.kvstore.optimizer.Optimizer;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Asynchronous stores. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AsyncTest {
    private TestServers servers;

    int servers() {
        return 2;
    }

    @BeforeAll
    void start() {
        servers = TestServers.start(servers(), "");
    }

    @AfterAll
    void stop() {
        servers.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"dist_async", "dist_async_device", "dist_device_async"})
    void L02_aPushWithoutAnOptimizerIsToldAndChangesNothing(String type) {
        try (Workers workers = Workers.of(servers, type, 2, "")) {
            workers.all(kv -> {
                kv.init(List.of("w", "big"), List.of(filled(3, S23), filled(3, BIG)));
                for (String key : List.of("w", "big")) {
                    kv.push(key, filled(1, key.equals("w") ? S23 : BIG));
                    assertThatThrownBy(kv::flush)
                            .isInstanceOfSatisfying(
                                    KVStoreException.class,
                                    e -> assertThat(e.reason()).isEqualTo(Reason.NO_OPTIMIZER))
                            .hasMessageContaining("setOptimizer");
                    assertFilled(kv.pull(key), 3);
                }
                return null;
            });
        }
    }

    @Test
    void L04_aPullAfterAPushHasThatPushInIt() {
        try (Workers workers = Workers.of(servers, "dist_async", 3, "")) {
            workers.all(kv -> {
                kv.setOptimizer(Optimizer.named("test").build());
                kv.init(List.of("w", "big"), List.of(filled(0, S23), filled(0, BIG)));
                for (int i = 1; i <= 10; i++) {
                    kv.push("w", filled(1, S23));
                    kv.push("big", filled(1, BIG));
                    assertThat(kv.pull("w").minNumber().intValue()).isBetween(i, 30);
                    assertThat(kv.pull("big").minNumber().intValue()).isBetween(i, 30);
                }
                kv.flush();
                kv.barrier();
                assertFilled(kv.pull("w"), 30);
                assertFilled(kv.pull("big"), 30);
                return null;
            });
        }
    }

    @Test
    void aWorkerDoesNotWaitForTheOthers() {
        try (Workers workers = Workers.of(servers, "dist_async", 2, "")) {
            workers.all(kv -> {
                kv.setOptimizer(Optimizer.named("test").build());
                kv.init("w", filled(0, S23));
                return null;
            });
            Workers.get(workers.start(0, kv -> {
                kv.push("w", filled(1, S23));
                assertFilled(kv.pull("w"), 1);
                return null;
            }));
        }
    }
}
