package io.kvstore.cluster.failure;

import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static io.kvstore.cluster.failure.RawWorker.await;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.sharding.ShardRegion.CurrentShardRegionState;
import akka.cluster.sharding.typed.GetShardRegionState;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.actor.Reading;
import io.kvstore.cluster.TestServers;
import io.kvstore.cluster.coordinator.Registration;
import io.kvstore.cluster.link.Body;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A member of a store that sends what no session would, over the wire: it is refused, nothing is left of it, and the other
 * worker's rounds go on.
 */
@Timeout(120)
class BadClientTest {
    private static final int MOST_PARTS = 300;
    private static final int REPEATS = 500;
    private static final String SETTINGS = """
            kvstore {
              session-timeout = 3 s
              slice-bytes = 16 KiB
              max-parts-without-value = %d
            }
            """.formatted(MOST_PARTS);

    private static TestServers servers;
    private MortalWorker good;
    private RawWorker bad;
    private Registration registration;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, SETTINGS);
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @AfterEach
    void end() {
        bad.close();
        good.close();
    }

    private KVStore join(String store) {
        good = new MortalWorker(servers, store, "good", 2, SETTINGS);
        bad = new RawWorker(servers, store, "worker-bad", 2, SETTINGS);
        registration = await(bad.register());
        return good.store();
    }

    private static Part head(String key) {
        return Part.head(Key.of(key));
    }

    private static void assertRefused(KeyReply reply, Reason reason) {
        assertThat(reply)
                .isInstanceOfSatisfying(
                        KeyReply.Refused.class,
                        refused -> assertThat(refused.reason())
                                .as(refused.message())
                                .isEqualTo(reason));
    }

    private Origin origin(long generation, long seq) {
        return new Origin(registration.name(), registration.incarnation(), generation, seq, 1);
    }

    private long generation(String key) {
        return ((PartReply.Described) bad.ask(head(key), new PartCommand.Describe(0, null))).generation();
    }

    private static KeyCommand.Push push(Tensor gradient, Origin origin) {
        return new KeyCommand.Push(List.of(gradient), origin, 0, null);
    }

    private record Misfit(Supplier<Tensor> gradient, Reason reason) {}

    @Test
    void pushesThatDoNotFitAreRefusedAndTheRoundIsTheOthers() {
        KVStore kv = join("misfits");
        kv.init("w", filled(1, 2, 3));
        long generation = generation("w");
        long live = liveBytes();
        List<Misfit> misfits = List.of(
                new Misfit(() -> DenseTensor.zeros(DType.FLOAT32, Shape.of(3, 2)), Reason.SHAPE_MISMATCH),
                new Misfit(() -> DenseTensor.zeros(DType.FLOAT32, Shape.of(4000)), Reason.SHAPE_MISMATCH),
                new Misfit(() -> DenseTensor.zeros(DType.FLOAT64, Shape.of(2, 3)), Reason.DTYPE_MISMATCH),
                new Misfit(() -> DenseTensor.zeros(DType.INT64, Shape.of(2, 3)), Reason.DTYPE_MISMATCH),
                new Misfit(() -> rowOf(Shape.of(1_000_000_000L, 3), 999_999_999L), Reason.SHAPE_MISMATCH));
        for (int i = 0; i < misfits.size(); i++) {
            CompletableFuture<Void> round =
                    kv.async().push("w", filled(10 + i, 2, 3)).toCompletableFuture();
            KeyReply reply = bad.ask(head("w"), push(misfits.get(i).gradient().get(), origin(generation, i + 1)));
            assertRefused(reply, misfits.get(i).reason());
            await(round);
            assertFilled(kv.pull("w"), 10 + i);
        }
        assertThat(liveBytes()).isLessThanOrEqualTo(live + 1024);
    }

    private static RowSparseTensor rowOf(Shape shape, long id) {
        return RowSparseTensor.of(
                shape, new long[] {id}, DenseTensor.zeros(DType.FLOAT32, Shape.of(1, shape.extent(1))));
    }

    @Test
    void strangersAndTheDeadAreRefusedAndCountNothing() {
        KVStore kv = join("strangers");
        kv.init("w", filled(1, 4));
        long generation = generation("w");
        String name = registration.name();
        long incarnation = registration.incarnation();
        Supplier<Tensor> gradient = () -> DenseTensor.of(new float[] {9, 9, 9, 9}, 4);

        assertRefused(bad.ask(head("w"), push(gradient.get(), Origin.none())), Reason.INVALID_ARGUMENT);
        assertRefused(bad.ask(head("w"), push(gradient.get(), origin(generation - 1, 1))), Reason.STALE_GENERATION);
        assertRefused(
                bad.ask(head("w"), push(gradient.get(), new Origin(name, incarnation - 1, generation, 1, 1))),
                Reason.FENCED);
        assertRefused(
                bad.ask(head("w"), push(gradient.get(), new Origin("stranger", incarnation, generation, 1, 1))),
                Reason.FENCED);
        assertRefused(
                bad.ask(head("w"), push(gradient.get(), new Origin(name, incarnation + 9, generation, 1, 1))),
                Reason.BUSY);
        assertRefused(
                bad.ask(head("w"), new KeyCommand.Pull(new Reading(origin(generation - 1, 0), 0), 0, null)),
                Reason.STALE_GENERATION);

        CompletableFuture<Void> round = kv.async().push("w", filled(5, 4)).toCompletableFuture();
        assertThat(bad.ask(head("w"), push(gradient.get(), origin(generation, 1))))
                .isInstanceOf(KeyReply.Done.class);
        await(round);
        assertFilled(kv.pull("w"), 14);
    }

    @Test
    void unknownKeysAndRowsAreRefused() {
        KVStore kv = join("unknown");
        kv.init("rows", RowSparse.fromDense(filled(1, 10, 2)));
        long generation = generation("rows");
        Reading now = new Reading(origin(generation, 0), 0);

        assertRefused(
                bad.ask(head("nobody's"), push(DenseTensor.of(new float[] {1}, 1), origin(generation, 1))),
                Reason.NOT_INITIALIZED);
        assertRefused(bad.ask(head("nobody's"), new KeyCommand.Pull(now, 0, null)), Reason.NOT_INITIALIZED);
        for (long id : new long[] {10, -1, Long.MAX_VALUE}) {
            assertRefused(
                    bad.ask(head("rows"), new KeyCommand.PullRows(new long[] {0, id}, now, 0, null)),
                    Reason.OUT_OF_RANGE);
        }
        Layout huge = Layout.sliced(Shape.of(1 << 20, 1 << 10), DType.FLOAT32, false, 16 * 1024);
        assertRefused(
                bad.ask(
                        new Part(Key.of("huge"), 7),
                        new PartCommand.Load(huge, DenseTensor.of(new float[] {1}, 1), 1, List.of(), 0, null)),
                Reason.SHAPE_MISMATCH);
        assertThat(kv.rowSparsePull("rows", new long[] {9}).ids()).containsExactly(9);
    }

    @Test
    void aFloodOfNamesLeavesNothingAndHoldsUpNobody() {
        KVStore kv = join("flood");
        kv.init("w", filled(1, 4));
        int before = entities();
        Random random = new Random(17);
        long refused = 0;
        for (int i = 0; i < 10; i++) {
            refused += refusedOf(2_000, random);
            awaitEntities(before + 2 * MOST_PARTS, TestServers.PATIENCE); // those that were refused end at once
        }
        assertThat(refused).as("names that got no actor, of 20000").isGreaterThan(10_000);
        awaitEntities(before, Duration.ofSeconds(30));
        kv.init("after", filled(3, 4));
        assertFilled(kv.pull("after"), 3);
        assertFilled(kv.pull("w"), 1);
    }

    private long refusedOf(int names, Random random) {
        List<CompletableFuture<Body>> answers = new ArrayList<>();
        for (int i = 0; i < names; i++) {
            NodeId any = bad.servers().get(random.nextInt(bad.servers().size()));
            answers.add(bad.locate(any, head("name-" + random.nextLong())));
        }
        return answers.stream()
                .map(RawWorker::await)
                .filter(Body.NotHere.class::isInstance)
                .count();
    }

    @Test
    void whatIsSentAgainUnderAnotherNumberIsAnsweredUnderTheFirst() throws Exception {
        KVStore kv = join("repeats");
        kv.init("w", filled(1, 4));
        long generation = generation("w");
        List<CompletableFuture<KeyReply>> pushes =
                times(i -> push(DenseTensor.of(new float[] {9, 9, 9, 9}, 4), origin(generation, 1)), head("w"));
        kv.push("w", filled(5, 4));
        assertOneIsAnswered(pushes, KeyReply.Done.class);
        assertFilled(kv.pull("w"), 14);

        Layout layout = Layout.sliced(Shape.of(4), DType.FLOAT32, false, 16 * 1024);
        List<CompletableFuture<KeyReply>> inits =
                times(i -> new PartCommand.Announce(layout, null, origin(0, 1 + i), 1, 0, null), head("v"));
        kv.init("v", filled(3, 4));
        assertOneIsAnswered(inits, PartReply.Published.class);
    }

    /** Sends so many, of which all but one are answered before it returns. */
    private List<CompletableFuture<KeyReply>> times(IntFunction<KeyCommand> command, Part part) throws Exception {
        NodeId home = ((Body.Located) await(bad.locate(bad.servers().get(0), part))).node();
        CountDownLatch answers = new CountDownLatch(REPEATS - 1);
        List<CompletableFuture<KeyReply>> sent = IntStream.range(0, REPEATS)
                .mapToObj(i -> bad.send(home, part, command.apply(i)))
                .toList();
        sent.forEach(each -> each.thenRun(answers::countDown));
        assertThat(answers.await(60, TimeUnit.SECONDS))
                .as("%d of %d are not answered", answers.getCount(), REPEATS - 1)
                .isTrue();
        return sent;
    }

    private static void assertOneIsAnswered(List<CompletableFuture<KeyReply>> sent, Class<? extends KeyReply> answer) {
        List<KeyReply> replies = sent.stream().map(RawWorker::await).toList();
        assertThat(replies).filteredOn(answer::isInstance).hasSize(1);
        replies.stream()
                .filter(reply -> !answer.isInstance(reply))
                .forEach(reply -> assertRefused(reply, Reason.OUT_OF_ORDER));
    }

    private static void awaitEntities(int most, Duration limit) {
        Deadline deadline = Deadline.in(limit);
        for (int now = entities(); now > most; now = entities()) {
            assertThat(deadline.left())
                    .as("%d names have an actor, %d should", now, most)
                    .isPositive();
        }
    }

    /** How many names have an actor, on all servers. */
    private static int entities() {
        EntityTypeKey<Object> type = EntityTypeKey.create(Object.class, "kvstore");
        int entities = 0;
        for (ActorSystem<Void> system : servers.systems()) {
            CurrentShardRegionState state = await(AskPattern.ask(
                    ClusterSharding.get(system).shardState(),
                    replyTo -> new GetShardRegionState(type, replyTo),
                    TestServers.PATIENCE,
                    system.scheduler()));
            entities += state.getShards().stream()
                    .mapToInt(shard -> shard.getEntityIds().size())
                    .sum();
        }
        return entities;
    }

    private static long liveBytes() {
        return servers.systems().stream()
                .mapToLong(system -> Endpoints.get(system).pool().liveBytes())
                .sum();
    }
}
