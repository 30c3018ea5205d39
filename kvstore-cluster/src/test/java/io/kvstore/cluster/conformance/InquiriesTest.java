package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Stats;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.TestServers;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.Tensor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a worker is told of its store: keys, counters, and the actors of keys. */
class InquiriesTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static TestServers servers;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, "");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @Test
    void everyWorkerIsToldOfEveryKeyWhoeverMadeIt() {
        List<Key> expected = IntStream.range(0, 50).mapToObj(Key::of).toList();
        try (Workers workers = Workers.of(servers, "dist_async", 2, "")) {
            workers.all(kv -> {
                assertThat(kv.keys()).isEmpty();
                kv.barrier();
                kv.setOptimizer(Optimizer.named("test").build());
                if (kv.rank() == 0) {
                    for (Key key : expected) {
                        kv.init(key, filled(1, S23));
                    }
                }
                kv.barrier();
                assertThat(kv.keys()).isEqualTo(expected);
                kv.barrier();
                if (kv.rank() == 0) {
                    kv.delete(7);
                }
                kv.barrier();
                assertThat(kv.keys()).doesNotContain(Key.of(7)).hasSize(49);
                return null;
            });
        }
    }

    @Test
    void namesThatFillManyPagesAllCome() {
        String filler = "\u00e4:\n\"".repeat(1000);
        List<Key> expected = IntStream.range(0, 60)
                .mapToObj(i -> Key.of(i + filler + i))
                .sorted()
                .toList();
        try (Workers workers = Workers.of(servers, "dist_sync", 1, "")) {
            workers.all(kv -> {
                kv.init(expected, expected.stream().map(key -> filled(1, 1)).toList());
                assertThat(kv.keys()).isEqualTo(expected);
                return null;
            });
        }
    }

    @Test
    void infoTellsTheVersionOfThisMoment() {
        try (Workers workers = Workers.of(servers, "dist_async", 2, "")) {
            workers.all(kv -> {
                kv.setOptimizer(Optimizer.named("test").build());
                kv.init("w", filled(0, S23));
                kv.barrier();
                if (kv.rank() == 0) {
                    kv.push("w", filled(1, S23));
                    kv.flush();
                }
                kv.barrier();
                assertThat(kv.info("w").orElseThrow().version()).isEqualTo(1);
                assertThat(kv.info("nothing")).isEmpty();
                kv.barrier();
                if (kv.rank() == 0) {
                    kv.delete("w");
                }
                kv.barrier();
                assertThat(kv.info("w")).isEmpty();
                return null;
            });
        }
    }

    @Test
    void aWorkerCountsWhatItPushedAndPulled() {
        long small = 2 * 3 * Float.BYTES;
        long big = 1200L * 1200 * Float.BYTES;
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            workers.all(kv -> {
                kv.init(List.of("w", "big"), List.of(filled(0, S23), filled(0, BIG)));
                kv.keys();
                kv.info("w");
                for (int round = 0; round < 3; round++) {
                    kv.push("w", filled(1, S23));
                }
                kv.push("big", List.of(filled(1, BIG), filled(1, BIG))); // is summed before it is sent
                kv.pull("big");
                kv.pushPull("w", filled(1, S23));
                kv.flush();
                Stats stats = kv.stats();
                assertThat(stats.keys()).isEqualTo(2);
                assertThat(stats.pushes()).isEqualTo(5);
                assertThat(stats.pulls()).isEqualTo(2);
                assertThat(stats.refused()).isZero();
                assertThat(stats.bytesPushed()).isEqualTo(4 * small + big);
                assertThat(stats.bytesPulled()).isEqualTo(small + big);
                assertThat(stats.openCalls()).isZero();
                return null;
            });
        }
    }

    @Test
    void theActorOfASmallKeyAnswersMessages() {
        Config config = Workers.config(servers, "with-messages", "worker-0", 1, "");
        ActorSystem<Void> system =
                ActorSystem.create(Behaviors.empty(), ServerAddress.SYSTEM, ClusterConfig.worker(config));
        try (KVStore kv = KVStore.create("dist_async", system)) {
            kv.setOptimizer(Optimizer.named("test").build());
            kv.init("w", filled(3, S23));
            kv.init("big", filled(3, BIG));
            TestProbe<KeyReply> probe = TestProbe.create(system);
            ActorRef<KeyCommand> actor = kv.ref("w");
            actor.tell(new KeyCommand.Push(Tensor.copyOf(filled(1, S23)), probe.ref()));
            assertThat(probe.receiveMessage(LIMIT)).isInstanceOf(KeyReply.Done.class);
            actor.tell(new KeyCommand.Pull(4, probe.ref()));
            KeyReply.Value value = probe.expectMessageClass(KeyReply.Value.class, LIMIT);
            assertThat(value.id()).isEqualTo(4);
            assertThat(value.value()).isEqualTo(Tensor.copyOf(filled(4, S23)));
            assertFilled(kv.pull("w"), 4);
            refused(Reason.UNSUPPORTED, "6 slices", () -> kv.ref("big"));
            refused(Reason.NOT_INITIALIZED, "nothing", () -> kv.ref("nothing"));
        } finally {
            system.terminate();
            system.getWhenTerminated()
                    .toCompletableFuture()
                    .orTimeout(20, TimeUnit.SECONDS)
                    .join();
        }
    }

    private static void refused(Reason reason, String words, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessageContaining(words);
    }
}
