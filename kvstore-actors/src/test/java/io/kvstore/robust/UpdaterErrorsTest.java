package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.version;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Updater;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A user's code that fails inside the store: the push is refused, told once, and the store goes on. */
class UpdaterErrorsTest {
    private static final Updater ADD = (key, received, stored) -> stored.addi(received);

    private static KVStore open(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.init(List.of("w", "v"), List.of(filled(2, 2, 3), filled(4, 2, 3)));
        return kv;
    }

    /** Pushes with an updater that fails: refused, and value, version and memory are as before. */
    private static KVStoreException refusedPush(KVStore kv, Updater failing) {
        kv.setUpdater(failing);
        assertAll(kv, "w", 2);
        long live = kv.stats().liveBytes();
        KVStoreException failure = refused(Reason.UPDATER_FAILED, kv.async().push("w", filled(1, 2, 3)));
        assertThat(failure.key()).contains(Key.of("w"));
        assertThat(failure).hasMessageContaining("key 'w'").hasMessageContaining("the value kept");
        assertAll(kv, "w", 2);
        assertThat(version(kv, "w")).isZero();
        assertThat(kv.stats().liveBytes()).isEqualTo(live);
        return failure;
    }

    private static void goesOn(KVStore kv) {
        kv.setUpdater(ADD);
        kv.push("w", filled(1, 2, 3));
        assertAll(kv, "w", 3);
        assertThat(version(kv, "w")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anExceptionInAnUpdaterRefusesThePushAndKeepsTheValue(String type) {
        try (KVStore kv = open(type)) {
            KVStoreException failure = refusedPush(kv, (key, received, stored) -> {
                stored.assign(99);
                throw new IllegalStateException("no luck with " + key);
            });
            assertThat(failure).hasMessageContaining("IllegalStateException: no luck with 'w'");
            goesOn(kv);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anAssertionErrorInAnUpdaterRefusesThePushAndKeepsTheValue(String type) {
        try (KVStore kv = open(type)) {
            KVStoreException failure = refusedPush(kv, (key, received, stored) -> {
                throw new AssertionError("not so");
            });
            assertThat(failure).hasMessageContaining("AssertionError: not so");
            goesOn(kv);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anUpdaterMayCloseWhatItReceived(String type) {
        try (KVStore kv = open(type)) {
            kv.setUpdater((key, received, stored) -> {
                stored.addi(received);
                received.close();
            });
            kv.push("w", filled(1, 2, 3));
            assertAll(kv, "w", 3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anUpdaterCannotReachTheStoreAfterItsCall(String type) {
        try (KVStore kv = open(type)) {
            Map<String, INDArray> kept = new ConcurrentHashMap<>();
            kv.setUpdater((key, received, stored) -> kept.put("stored", stored.addi(received)));
            kv.pushPull("w", filled(1, 2, 3));
            assertThat(kept.get("stored").wasClosed()).isTrue();
            assertAll(kv, "w", 3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void blockingCallsInAnUpdaterAreRefused(String type) {
        try (KVStore kv = open(type)) {
            Map<String, KVStoreException> refusals = new ConcurrentHashMap<>();
            Map<String, Consumer<KVStore>> calls = blockingCalls();
            kv.setUpdater((key, received, stored) -> {
                calls.forEach(
                        (name, call) -> refusals.put(name, refused(Reason.WOULD_DEADLOCK, () -> call.accept(kv))));
                stored.addi(received);
            });
            kv.pushPull("w", filled(1, 2, 3));
            assertThat(refusals).containsOnlyKeys(calls.keySet());
            refusals.forEach((name, refusal) ->
                    assertThat(refusal).hasMessageContainingAll("a blocking " + name, "updater", "kv.async()"));
            assertAll(kv, "w", 3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void blockingCallsInACallbackAreRefused(String type) {
        try (KVStore kv = open(type)) {
            CompletableFuture<Void> gate = new CompletableFuture<>();
            kv.setUpdater((key, received, stored) -> within(gate));
            CompletableFuture<Integer> refusedCalls = kv.async()
                    .push("w", filled(1, 2, 3))
                    .thenApply(done -> {
                        Map<String, Consumer<KVStore>> calls = blockingCalls();
                        calls.values().forEach(call -> refused(Reason.WOULD_DEADLOCK, () -> call.accept(kv)));
                        return calls.size();
                    })
                    .toCompletableFuture();
            gate.complete(null);
            assertThat(within(refusedCalls)).isPositive();
            goesOnFrom(kv, 2);
        }
    }

    private static void goesOnFrom(KVStore kv, double value) {
        kv.setUpdater(ADD);
        kv.push("w", filled(1, 2, 3));
        assertAll(kv, "w", value + 1);
    }

    private static Map<String, Consumer<KVStore>> blockingCalls() {
        INDArray array = filled(1, 2, 3);
        return Map.ofEntries(
                Map.entry("init", kv -> kv.init("new", array)),
                Map.entry("broadcast", kv -> kv.broadcast("new", array, array.dup())),
                Map.entry("push", kv -> kv.push("v", array)),
                Map.entry("pull", kv -> kv.pull("v")),
                Map.entry("pushPull", kv -> kv.pushPull("v", array, array.dup())),
                Map.entry("delete", kv -> kv.delete("v")),
                Map.entry("flush", KVStore::flush),
                Map.entry("barrier", KVStore::barrier),
                Map.entry("setUpdater", kv -> kv.setUpdater(null)),
                Map.entry("adjustOptimizer", kv -> kv.setLearningRate(1)),
                Map.entry("ref", kv -> kv.ref("v")),
                Map.entry("close", KVStore::close));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anUpdaterMayUseOtherKeysAsynchronously(String type) {
        try (KVStore kv = open(type)) {
            CompletableFuture<Void> other = new CompletableFuture<>();
            kv.setUpdater((key, received, stored) -> {
                stored.addi(received);
                if (key.equals(Key.of("w"))) {
                    kv.async().push("v", received).thenAccept(other::complete);
                }
            });
            kv.pushPull("w", filled(1, 2, 3));
            within(other);
            assertAll(kv, "w", 3);
            assertAll(kv, "v", 5);
        }
    }
}
