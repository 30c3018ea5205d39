package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.await;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.until;
import static io.kvstore.robust.Support.version;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Key;
import io.kvstore.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Calls that wait for a key that is held up: bounded in bytes and time, explained, and free to be interrupted. */
class WaitingTest {
    private static final int KIB = 1024;

    /** A store with a key whose updates wait for {@code gate}. */
    private static KVStore open(String type, CountDownLatch gate, Consumer<KVStoreBuilder> settings) {
        KVStoreBuilder builder = KVStore.builder().type(type).devices(2);
        settings.accept(builder);
        KVStore kv = builder.build();
        kv.init(List.of("w", "large"), List.of(filled(0, 256), filled(0, 50_000)));
        kv.setUpdater((key, received, stored) -> {
            await(gate);
            stored.addi(received);
        });
        return kv;
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aFastProducerIsHeldBackByTheInFlightLimit(String type) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> b.set("in-flight-bytes", "64 KiB"))) {
            long before = kv.stats().liveBytes();
            AtomicInteger pushed = new AtomicInteger();
            List<CompletableFuture<Void>> stages = new ArrayList<>();
            Thread producer = new Thread(() -> {
                INDArray one = filled(1, 256); // 1 KiB
                for (int i = 0; i < 500; i++) {
                    stages.add(kv.async().push("w", one).toCompletableFuture());
                    pushed.incrementAndGet();
                }
            });
            producer.start();
            until("the producer waits", () -> pushed.get() == 64 && producer.getState() != Thread.State.RUNNABLE);
            assertThat(kv.stats().inFlightBytes()).isEqualTo(64 * KIB);
            assertThat(kv.stats().liveBytes() - before).isLessThanOrEqualTo(66 * KIB);
            assertThat(stages).noneMatch(CompletableFuture::isDone);

            gate.countDown();
            while (producer.isAlive()) {
                assertThat(kv.stats().inFlightBytes()).isLessThanOrEqualTo(64 * KIB);
                assertThat(kv.stats().liveBytes() - before).isLessThanOrEqualTo(68 * KIB);
                producer.join(1);
            }
            stages.forEach(Support::within);
            assertAll(kv, "w", 500);
            assertThat(version(kv, "w")).isEqualTo(500);
            until("nothing is in flight", () -> kv.stats().inFlightBytes() == 0);
            assertThat(kv.stats().liveBytes()).isEqualTo(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void handingOverReturnsAtOnceWhenTheStoreIsFull(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> b.set("in-flight-bytes", "4 KiB"))) {
            List<CompletableFuture<Void>> stages = new ArrayList<>();
            INDArray one = filled(1, 256);
            for (int i = 0; i < 4; i++) {
                stages.add(kv.async().push("w", one).toCompletableFuture());
            }
            for (int i = 0; i < 20; i++) { // on this very thread: waiting would never end
                stages.add(kv.async().handingOver().push("w", one).toCompletableFuture());
            }
            assertThat(stages).noneMatch(CompletableFuture::isDone);
            gate.countDown();
            stages.forEach(Support::within);
            assertAll(kv, "w", 24);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aPushThatWouldWaitInACallbackIsRefused(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> b.set("in-flight-bytes", "2 KiB"))) {
            CompletableFuture<KVStoreException> refusal = new CompletableFuture<>();
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch registered = new CountDownLatch(1);
            kv.init("late", filled(0, 1));
            kv.setUpdater((key, received, stored) -> {
                if (key.equals(Key.of("late"))) {
                    begun.countDown();
                    await(registered);
                } else {
                    await(gate);
                }
                stored.addi(received);
            });
            kv.async().handingOver().push("late", filled(1, 1));
            CompletableFuture<Void> callback = kv.async()
                    .pull("late") // has no answer yet, so this runs where stages complete
                    .thenAccept(value -> refusal.complete(refused(
                            Reason.WOULD_DEADLOCK, () -> kv.async().push("w", filled(1, 256)))))
                    .toCompletableFuture();
            await(begun); // else the other key may take the device's thread first, and keep it
            kv.async().push("w", filled(1, 256));
            kv.async().push("w", filled(1, 256));
            registered.countDown();
            within(callback);
            assertThat(within(refusal)).hasMessageContainingAll("push", "2048 bytes", "kvstore.in-flight-bytes");
            gate.countDown();
            kv.flush();
            assertAll(kv, "w", 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aPushBeyondPatienceEndsWithAnExplanation(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> b.patience(Duration.ofMillis(150)))) {
            kv.push("w", filled(1, 256));
            KVStoreException timeout = refused(Reason.TIMEOUT, () -> kv.pull("w"));
            assertThat(timeout).isInstanceOf(KVStoreTimeoutException.class);
            assertThat(timeout)
                    .hasMessageContainingAll(
                            "within 0.15 s", "kvstore.patience", "pull of key 'w'", "version 1 is being committed on");
            gate.countDown();
            kv.flush();
            assertAll(kv, "w", 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aPushThatGetsNoRoomEndsWithPatienceAndIsNotApplied(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv =
                open(type, gate, b -> b.patience(Duration.ofMillis(150)).set("in-flight-bytes", "1 KiB"))) {
            kv.push("w", filled(1, 256));
            assertThat(refused(Reason.TIMEOUT, () -> kv.push("w", filled(1, 256))))
                    .hasMessageContainingAll("kvstore.patience", "room for a push", "1024 bytes");
            gate.countDown();
            kv.flush();
            assertAll(kv, "w", 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void explainNamesTheKeyAndWhatItWaitsFor(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> {})) {
            assertThat(kv.explain()).isEmpty();
            kv.push("w", filled(1, 256));
            CompletableFuture<INDArray> pull = kv.async().pull("w").toCompletableFuture();
            String where = kv.info("w").orElseThrow().device();
            until("the commit is under way", () -> kv.explain().contains("is being committed"));
            assertThat(kv.explain().lines().toList())
                    .satisfiesExactly(
                            line -> assertThat(line)
                                    .matches("push of key 'w' has waited \\d+\\.\\d s: .*")
                                    .endsWith("version 1 is being committed on " + where),
                            line -> assertThat(line).startsWith("pull of key 'w' has waited"));
            assertThat(kv.stats().openCalls()).isEqualTo(2);
            gate.countDown();
            within(pull);
            kv.flush();
            assertThat(kv.explain()).isEmpty();
            assertThat(kv.stats().openCalls()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anInterruptedCallerStopsWaitingAndTheStoreGoesOn(String type) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> {})) {
            kv.push("w", filled(1, 256));
            AtomicReference<KVStoreException> refusal = new AtomicReference<>();
            AtomicReference<Boolean> flag = new AtomicReference<>();
            Thread caller = new Thread(() -> {
                refusal.set(refused(Reason.INTERRUPTED, () -> kv.pull("w")));
                flag.set(Thread.currentThread().isInterrupted());
            });
            caller.start();
            until("the pull is open", () -> kv.stats().openCalls() == 2);
            caller.interrupt();
            caller.join(Duration.ofSeconds(Support.SECONDS).toMillis());
            assertThat(caller.isAlive()).isFalse();
            assertThat(refusal.get()).hasMessageContainingAll("interrupted", "outcome is unknown", "pull of key 'w'");
            assertThat(flag.get()).as("interrupt flag kept").isTrue();
            gate.countDown();
            kv.flush();
            assertAll(kv, "w", 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anInterruptedPushGivesTheArrayBackToItsCaller(String type) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> {})) {
            kv.push("large", filled(1, 50_000)); // returns when it is summed; its update waits
            INDArray lent = filled(2, 50_000);
            Thread caller = new Thread(() -> {
                refused(Reason.INTERRUPTED, () -> kv.push("large", lent));
                lent.close();
            });
            caller.start();
            until("the second push is open", () -> kv.stats().openCalls() == 2);
            caller.interrupt();
            caller.join(Duration.ofSeconds(Support.SECONDS).toMillis());
            assertThat(lent.wasClosed()).isTrue();
            gate.countDown();
            until("all calls have ended", () -> kv.stats().openCalls() == 0);
            assertThat(refused(Reason.CLOSED, kv::flush))
                    .hasMessageContainingAll("key 'large'", "no longer lends its array");
            assertAll(kv, "large", 1);
            assertThat(version(kv, "large")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStageBeyondPatienceEndsWithAnExplanationAndGivesItsArraysBack(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> b.patience(Duration.ofMillis(150)))) {
            kv.push("large", filled(1, 50_000)); // returns when it is summed; its update waits
            INDArray lent = filled(2, 50_000);
            INDArray out = filled(-1, 50_000);
            List<CompletableFuture<?>> stages = List.of(
                    kv.async().handingOver().push("large", lent).toCompletableFuture(),
                    kv.async().pull("large", out).toCompletableFuture(),
                    kv.async().flush().toCompletableFuture());
            for (CompletableFuture<?> stage : stages) {
                KVStoreException timeout = refused(Reason.TIMEOUT, stage);
                assertThat(timeout).isInstanceOf(KVStoreTimeoutException.class);
                assertThat(timeout)
                        .hasMessageContainingAll("within 0.15 s", "kvstore.patience", "of key 'large' has waited");
            }
            lent.close();
            gate.countDown();
            until("all calls have ended", () -> kv.stats().openCalls() == 0);
            kv.flush();
            assertAll(kv, "large", 1);
            assertThat(out.minNumber().floatValue()).isEqualTo(-1);
            assertThat(out.maxNumber().floatValue()).isEqualTo(-1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anInterruptedFlushLeavesOthersTheirReplies(String type) throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        try (KVStore kv = open(type, gate, b -> {})) {
            long before = kv.stats().liveBytes();
            kv.push("w", filled(1, 256));
            CompletableFuture<INDArray> pull = kv.async().pull("w").toCompletableFuture();
            AtomicReference<KVStoreException> refusal = new AtomicReference<>();
            Thread caller = new Thread(() -> refusal.set(refused(Reason.INTERRUPTED, kv::flush)));
            caller.start();
            until("the flush waits", () -> caller.getState() == Thread.State.TIMED_WAITING);
            caller.interrupt();
            caller.join(Duration.ofSeconds(Support.SECONDS).toMillis());
            assertThat(refusal.get()).isNotNull();
            gate.countDown();
            assertThat(within(pull).minNumber().intValue()).isEqualTo(1);
            kv.flush();
            for (int i = 2; i <= 20; i++) { // what was given back too early would be in two hands now
                kv.push("w", filled(1, 256));
                assertAll(kv, "w", i);
            }
            assertThat(kv.stats().liveBytes()).isEqualTo(before);
        }
    }
}
