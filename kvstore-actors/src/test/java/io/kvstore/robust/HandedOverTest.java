package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.await;
import static io.kvstore.robust.Support.filled;

import io.kvstore.KVStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A handed-over array that nobody else refers to lives until the store has read it. */
class HandedOverTest {
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anArrayThatOnlyTheStoreRefersToIsKeptAlive(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = KVStore.builder().type(type).devices(2).build()) {
            kv.init("w", filled(0, 256));
            kv.setUpdater((key, received, stored) -> {
                await(gate);
                stored.addi(received);
            });
            List<CompletableFuture<Void>> stages = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                stages.add(kv.async().handingOver().push("w", filled(1, 256)).toCompletableFuture());
            }
            for (int i = 0; i < 20; i++) {
                System.gc();
                filled(7, 256).close(); // takes the memory that was freed
                Thread.onSpinWait();
            }
            gate.countDown();
            stages.forEach(Support::within);
            assertAll(kv, "w", 50);
        }
    }
}
