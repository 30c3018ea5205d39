package io.kvstore.robust;

import static io.kvstore.robust.Support.assertAll;
import static io.kvstore.robust.Support.await;
import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static io.kvstore.robust.Support.until;
import static io.kvstore.robust.Support.within;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.ActorSystemImpl;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Props;
import akka.actor.typed.SpawnProtocol;
import akka.actor.typed.javadsl.Adapter;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Reason;
import io.kvstore.actor.StoreActor;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Stores come and go, alone or as guests, and leave nothing behind. */
class LifecycleTest {
    private ActorSystem<SpawnProtocol.Command> system;

    @BeforeEach
    void startAnActorSystemOfTheUsers() {
        Config config = ConfigFactory.load();
        system = ActorSystem.create(
                SpawnProtocol.create(),
                "users",
                config.getConfig("kvstore.embedded").withFallback(config));
    }

    @AfterEach
    void endIt() {
        system.terminate();
        within(system.getWhenTerminated());
    }

    private ActorRef<StoreActor.Command> storeActor(String type) {
        return system.systemActorOf(
                StoreActor.create(type, KVStoreSettings.of(ConfigFactory.load())),
                "store-" + UUID.randomUUID(),
                Props.empty());
    }

    private void stop(ActorRef<?> actor) {
        Adapter.toClassic(system).stop(Adapter.toClassic(actor));
    }

    private static void use(KVStore kv) {
        kv.init("w", filled(2, 2, 3));
        kv.push("w", filled(5, 2, 3));
        kv.pushPull("w", filled(3, 2, 3));
        assertAll(kv, "w", 3);
    }

    /** What is in the system's tree, one actor a line. */
    private String actors() {
        return ((ActorSystemImpl) Adapter.toClassic(system)).printTree();
    }

    private boolean hasStoreActors() {
        return actors().contains("kvstore");
    }

    private static long storeThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("kvstore-"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void storesOfOneSystemAndOfTheirOwnKnowNothingOfEachOther(String type) {
        KVStore first = KVStore.create(type, system);
        try (KVStore second = KVStore.create(type, system);
                KVStore alone = KVStore.create(type);
                KVStore ofInts = KVStore.create("local", system)) {
            use(first);
            assertThat(second.keys()).isEmpty();
            use(second);
            use(alone);
            ofInts.init(3, filled(1, 2));
            first.setUpdater((key, received, stored) -> stored.subi(received));
            first.push("w", filled(1, 2, 3));
            second.push("w", filled(1, 2, 3));
            assertAll(first, "w", 2);
            assertAll(second, "w", 1);
            first.close();
            assertAll(second, "w", 1);
            assertAll(alone, "w", 3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aClosedGuestLeavesTheSystemUpAndNoActorsInIt(String type) {
        String before = actors();
        for (int i = 0; i < 30; i++) {
            KVStore kv = KVStore.builder().type(type).system(system).devices(2).build();
            use(kv);
            kv.close();
            assertThat(kv.stats().liveBytes())
                    .as("live bytes of %s", kv.stats())
                    .isZero();
        }
        until("no actors of the stores are left", () -> !hasStoreActors());
        assertThat(actors().lines().count()).isEqualTo(before.lines().count());
        assertThat(system.getWhenTerminated().toCompletableFuture()).isNotDone();
        try (KVStore kv = KVStore.create(type, system)) {
            use(kv);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void closedStoresLeaveNoThreadsAndNoLiveBytes(String type) {
        for (int i = 0; i < 30; i++) {
            KVStore kv = KVStore.builder().type(type).devices(2).build();
            use(kv);
            within(kv.async().push("w", filled(1, 2, 3)));
            kv.close();
            assertThat(kv.stats().liveBytes()).isZero();
        }
        until("no threads of the stores are left", () -> storeThreads() == 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void storesOverOneActorShareItsKeysAndOutliveEachOther(String type) {
        ActorRef<StoreActor.Command> actor = storeActor(type);
        KVStore first = KVStore.of(actor, system);
        KVStore second = KVStore.of(actor, system);
        use(first);
        assertAll(second, "w", 3);
        second.push("w", filled(8, 2, 3));
        second.flush();
        assertAll(first, "w", 8);
        first.close();
        first.close();
        refused(Reason.CLOSED, () -> first.pull("w"));
        assertAll(second, "w", 8);
        second.close();
        try (KVStore third = KVStore.of(actor, system)) {
            assertAll(third, "w", 8);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStoreActorThatStopsEndsTheCallsThatAreOpen(String type) {
        ActorRef<StoreActor.Command> actor = storeActor(type);
        CountDownLatch gate = new CountDownLatch(1);
        KVStore kv = KVStore.of(actor, system);
        CompletableFuture<List<INDArray>> pull = heldUp(kv, gate);
        stop(actor);
        gate.countDown();
        within(pull.handle((values, failure) -> {
            if (failure != null) { // else it was answered before the actors stopped
                KVStoreException closed = (KVStoreException) failure;
                assertThat(closed.reason()).isEqualTo(Reason.CLOSED);
                assertThat(closed).hasMessageContaining("key 'w': "); // said by the key, or by the session
            }
            return null;
        }));
        until("the store has stopped", () -> kv.stats().keys() == 0);
        refused(Reason.CLOSED, () -> kv.init("new", filled(1, 1)));
        refused(Reason.CLOSED, () -> kv.setUpdater(null));
        kv.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aSystemThatEndsEndsTheCallsThatAreOpen(String type) {
        CountDownLatch gate = new CountDownLatch(1);
        KVStore kv = KVStore.create(type, system);
        CompletableFuture<List<INDArray>> pull = heldUp(kv, gate);
        system.terminate();
        assertThat(refused(Reason.CLOSED, pull)).hasMessageContaining("key 'w': ");
        gate.countDown();
        within(system.getWhenTerminated());
        kv.close();
        refused(Reason.CLOSED, () -> kv.pull("w"));
    }

    /** A pull that waits for a push whose updater waits for {@code gate}. */
    private static CompletableFuture<List<INDArray>> heldUp(KVStore kv, CountDownLatch gate) {
        kv.init("w", filled(2, 2, 3));
        CountDownLatch entered = new CountDownLatch(1);
        kv.setUpdater((key, received, stored) -> {
            entered.countDown();
            await(gate);
        });
        kv.async().push("w", filled(1, 2, 3));
        await(entered);
        return kv.async().pull(List.of("w")).toCompletableFuture();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void closeLetsOutstandingPushesFinish(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        CountDownLatch gate = new CountDownLatch(1);
        CompletableFuture<List<INDArray>> pull = heldUp(kv, gate);
        CompletableFuture<Void> closing = CompletableFuture.runAsync(kv::close);
        until("close has begun", () -> refusesCalls(kv));
        assertThat(pull).isNotDone();
        gate.countDown();
        within(closing);
        assertThat(within(pull)).containsExactly(filled(2, 2, 3));
    }

    private static boolean refusesCalls(KVStore kv) {
        try {
            kv.keys();
            return false;
        } catch (KVStoreException e) {
            return e.reason() == Reason.CLOSED;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void closeFailsWhatDoesNotFinishWithinItsTimeout(String type) {
        KVStore kv = KVStore.builder()
                .type(type)
                .devices(2)
                .set("close-timeout", "200 ms")
                .build();
        CountDownLatch gate = new CountDownLatch(1);
        CompletableFuture<List<INDArray>> pull = heldUp(kv, gate);
        long start = System.nanoTime();
        kv.close();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
        assertThat(refused(Reason.CLOSED, pull)).hasMessageContainingAll("key 'w': pull has no outcome", "closed");
        gate.countDown();
        until("no threads of the store are left", () -> storeThreads() == 0);
    }
}
