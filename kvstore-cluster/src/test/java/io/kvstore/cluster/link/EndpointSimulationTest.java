package io.kvstore.cluster.link;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.cluster.link.FlakyNetwork.Weather;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A worker and two servers on roads that lose, repeat, delay and reorder. The worker sends again what it is told to be lost,
 * and nothing else: so if every call ends, every loss was told.
 */
class EndpointSimulationTest {
    private static final LinkSettings SETTINGS =
            new LinkSettings(4096, 20_000, Duration.ofSeconds(1), Duration.ofSeconds(10));
    private static final int LIMIT = 600; // in virtual seconds; the worst of roads take every other message
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void everyCallEndsHoweverFlakyTheRoad() {
        check(1, 100);
    }

    @Test
    @Tag("thorough")
    void everyCallEndsHoweverFlakyTheRoadInManyRuns() {
        check(1000, 5000);
    }

    private static void check(long firstSeed, int runs) {
        long lost = 0;
        for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
            lost += new Run(seed).check();
        }
        // or the roads were none to test on
        assertThat(lost).isGreaterThan(runs);
    }

    private static final class Run {
        private final long seed;
        private final Random random;
        private final FlakyNetwork network;
        private final BufferPool pool = new BufferPool(1 << 20);
        private final BufferPool poolOfTheDoomed = new BufferPool(1 << 20);
        private final Map<Long, NodeId> open = new HashMap<>();
        private final Set<Long> served = new HashSet<>();
        private final Set<NodeId> dead = new HashSet<>();
        private final NodeId doomed;
        private final EndpointCore worker;
        private Channel channel;
        private int lostWithoutDeath;

        Run(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            Weather weather = new Weather(
                    random.nextDouble() * 0.3,
                    random.nextDouble() * 0.3,
                    0,
                    1 + random.nextLong(TimeUnit.MILLISECONDS.toNanos(200)));
            this.network = new FlakyNetwork(seed, weather);
            NodeId other = new NodeId("kvstore", "10.0.0.3", 25520, 3);
            this.doomed = random.nextBoolean() ? other : null;
            this.worker = node(Samples.A);
            server(Samples.B);
            server(other);
            this.channel = worker.open(receiver());
            for (int i = 0; i < 300; i++) {
                submitLater(random.nextBoolean() ? Samples.B : other);
            }
            if (doomed != null) {
                network.after(random.nextLong(3 * SECOND), () -> network.crash(doomed));
            }
        }

        private EndpointCore node(NodeId id) {
            EndpointCore core = new EndpointCore(id, SETTINGS, network.link(), network.clock());
            network.join(id, poolOf(id), core);
            return core;
        }

        /** A node that crashes releases nothing. */
        private BufferPool poolOf(NodeId id) {
            return id.equals(doomed) ? poolOfTheDoomed : pool;
        }

        private void server(NodeId id) {
            EndpointCore core = node(id);
            Channel[] answers = new Channel[1];
            answers[0] = core.serve(
                    new Peers.Noting() {
                        @Override
                        public void onItem(NodeId from, Item item) {
                            served.add(item.call());
                            KeyCommand.Push push = (KeyCommand.Push) ((Body.Request) item.body()).command();
                            push.gradients().forEach(Tensor::release);
                            answers[0].submit(from, item.answer(new Body.Answer(answer(id, item))));
                        }

                        @Override
                        public void onLost(NodeId peer, Item item) {
                            answers[0].submit(peer, item.answer(new Body.Answer(answer(id, item))));
                        }
                    },
                    (from, settings) -> List.of(id));
        }

        /** A fresh lease each time: that of a lost answer is over. */
        private KeyReply answer(NodeId server, Item item) {
            Shape shape = Shape.of(1 + item.call() % 900);
            return new KeyReply.Value(
                    item.part().key(), 0, item.call(), poolOf(server).zeros(DType.FLOAT32, shape));
        }

        /** A request that was lost, with a tensor of its own. */
        private Item again(Item item) {
            KeyCommand.Push push = (KeyCommand.Push) ((Body.Request) item.body()).command();
            DenseTensor gradient =
                    pool.zeros(DType.INT8, push.gradients().get(0).shape());
            return Samples.push(item.part().key().name(), item.call(), gradient);
        }

        private Receiver receiver() {
            return new Receiver() {
                @Override
                public void onItem(NodeId from, Item item) {
                    assertThat(served).as("seed %d", seed).contains(item.call());
                    ((Body.Answer) item.body()).reply().release();
                    open.remove(item.call());
                }

                @Override
                public void onLost(NodeId peer, Item item) {
                    if (!open.containsKey(item.call())) {
                        return; // answered by another copy
                    }
                    if (dead.contains(peer)) {
                        open.remove(item.call());
                    } else {
                        lostWithoutDeath++;
                        channel.submit(peer, again(item));
                    }
                }

                @Override
                public void onDead(NodeId peer) {
                    dead.add(peer);
                    // the answer may have been lost after the request was received: only death tells
                    open.values().removeIf(peer::equals);
                }
            };
        }

        private void submitLater(NodeId to) {
            network.after(random.nextLong(3 * SECOND), () -> {
                long call = channel.nextCall();
                open.put(call, to);
                DenseTensor gradient = pool.zeros(DType.INT8, Shape.of(random.nextInt(4000)));
                channel.submit(to, Samples.push("k" + random.nextInt(30), call, gradient));
                worker.flush();
                checkWindows();
            });
        }

        private void checkWindows() {
            for (LinkState link : worker.links()) {
                assertThat(link.inFlightBytes()).as("seed %d", seed).isLessThanOrEqualTo(SETTINGS.windowBytes());
                assertThat(link.framesInFlight()).as("seed %d", seed).isLessThanOrEqualTo(LinkState.MAX_FRAMES);
            }
        }

        /** Returns how many items were told to be lost by a living peer's road. */
        int check() {
            for (int second = 0; second < LIMIT && (second < 4 || !open.isEmpty()); second++) {
                network.run(SECOND);
                checkWindows();
            }
            assertThat(open).as("seed %d: calls that never end", seed).isEmpty();
            assertThat(dead).as("seed %d", seed).isSubsetOf(doomed == null ? Set.of() : Set.of(doomed));
            network.weather(Weather.FAIR);
            network.run(15 * SECOND);
            assertThat(worker.links())
                    .as("seed %d", seed)
                    .allSatisfy(link -> assertThat(link.framesInFlight()).isZero());
            assertThat(pool.liveBytes())
                    .as("seed %d: bytes that somebody still holds", seed)
                    .isZero();
            return lostWithoutDeath;
        }
    }
}
