package io.kvstore.robust;

import static io.kvstore.robust.Support.await;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.until;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Reason;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A failed push is told by the next call on its key that waits for it, however fast that call comes. */
class DeferredOrderTest {
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aPullThatWaitsForAPushTellsItsFailure(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = KVStore.builder().type(type).devices(2).build()) {
            kv.init("w", filled(2, 3));
            kv.setUpdater((key, received, stored) -> {
                await(gate);
                throw new IllegalArgumentException("no");
            });
            kv.push("w", filled(1, 3));
            CompletableFuture<?> pull =
                    CompletableFuture.runAsync(() -> refused(Reason.UPDATER_FAILED, () -> kv.pull("w")));
            until("both calls are open", () -> kv.stats().openCalls() == 2);
            gate.countDown();
            within(pull);
            kv.flush();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void everyFlushTellsThePushBeforeIt(String type) {
        try (KVStore kv = KVStore.builder().type(type).devices(2).build()) {
            kv.init("w", filled(2, 3));
            kv.setUpdater((key, received, stored) -> {
                throw new IllegalArgumentException("no");
            });
            for (int i = 0; i < 3000; i++) {
                kv.push("w", filled(1, 3));
                refused(Reason.UPDATER_FAILED, kv::flush);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anAdjustmentThatThrowsWithoutAMessageIsRefused(String type) {
        try (KVStore kv = KVStore.builder().type(type).devices(2).build()) {
            kv.setOptimizer(io.kvstore.optimizer.Optimizer.sgd().build());
            assertThat(refused(
                            Reason.INVALID_ARGUMENT,
                            () -> kv.adjustOptimizer(o -> {
                                throw new IllegalStateException();
                            })))
                    .hasMessageContaining("IllegalStateException");
            refused(
                    Reason.INVALID_ARGUMENT,
                    () -> kv.adjustOptimizer(o -> {
                        throw new AssertionError("no");
                    }));
            kv.init("w", filled(2, 3));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStageOfOneKeyFailsWithThePlainException(String type) {
        KVStore kv = KVStore.builder()
                .type(type)
                .devices(2)
                .set("close-timeout", "100 ms")
                .build();
        kv.init("w", filled(2, 3));
        CountDownLatch gate = new CountDownLatch(1);
        kv.setUpdater((key, received, stored) -> await(gate));
        kv.async().push("w", filled(1, 3));
        java.util.concurrent.CompletionStage<?> pull = kv.async().pull("w");
        kv.close();
        gate.countDown();
        refused(Reason.CLOSED, pull);
    }
}
