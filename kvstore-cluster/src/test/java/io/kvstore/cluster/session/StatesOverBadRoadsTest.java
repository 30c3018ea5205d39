package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Member;
import io.kvstore.actor.Membership;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.Part;
import io.kvstore.actor.RoundTerms;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A session and real parts that save and load states over a network that loses, repeats and reorders what is sent, while
 * parts fail and start again; a seed decides each run.
 */
class StatesOverBadRoadsTest {
    private static final int RUNS = 20;
    private static final int PIECE = 12; // bytes: three elements
    private static final long LIMIT = TimeUnit.MINUTES.toNanos(30); // of simulated time
    private static final Layout LAYOUT = new Layout(Shape.of(17), DType.FLOAT32, false, 7);
    private static final List<Key> KEYS = List.of(Key.of("a"), Key.of("b"));

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void loadedStatesAreTheSavedOnes(boolean inRounds) {
        for (long seed = 1; seed <= RUNS; seed++) {
            try {
                new Run(seed, inRounds).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    private static final class Run implements Outside<SimNode> {
        private final Events events = new Events();
        private final Random random;
        private final List<SimServer> servers = new ArrayList<>();
        private final BufferPool pool = new BufferPool(1 << 20);
        private final SessionCore<SimNode> core;
        private final Map<Long, KeyReply> answers = new HashMap<>();
        private boolean faulty = true;
        private long ids;
        private long calls;

        Run(long seed, boolean inRounds) {
            random = new Random(seed);
            RoundTerms terms = new RoundTerms(inRounds, true, false, 1 << 20);
            for (int place = 0; place < 2; place++) {
                SimServer server = new SimServer(
                        new SimNode(place, 0),
                        KVStoreSettings.of(ConfigFactory.load()),
                        terms,
                        () -> 1,
                        (to, mail) -> {
                            throw new AssertionError("nothing is summed over slices: " + mail);
                        },
                        (of, millis, work) ->
                                events.in(TimeUnit.MILLISECONDS.toNanos(millis), () -> reply(work.get())));
                server.configure(new KeyConfig(1, Optimizer.adam().build(), null));
                server.membership(new Membership(1, 1, List.of(new Member("anna", 1, 0)), Set.of()));
                servers.add(server);
            }
            core = new SessionCore<>(this, pool, Timing.of(TimeUnit.SECONDS.toNanos(10)), inRounds);
            core.config(1);
            core.tick(0);
            core.registered(new Self("anna", 1, 1, true));
        }

        void run() {
            tick();
            fail();
            KEYS.forEach(key -> done(call -> core.init(call, key, LAYOUT, gradient())));
            KEYS.forEach(this::push);
            List<OptimizerState> first = gather();
            assertThat(first).allMatch(state -> state.updates() == 1);
            push(KEYS.get(0));
            List<OptimizerState> second = gather();
            assertThat(second).extracting(OptimizerState::updates).containsExactly(2L, 1L);
            for (List<OptimizerState> states : List.of(first, second, first)) {
                load(states);
                assertThat(gather()).isEqualTo(states);
            }
            KEYS.forEach(this::push);
            assertThat(gather()).allMatch(state -> state.updates() == 2);
            end();
        }

        /** What is still on its way arrives, and nobody holds what he need not. */
        private void end() {
            faulty = false;
            long end = events.now() + TimeUnit.SECONDS.toNanos(60);
            while (events.stepBefore(end)) {
                // goes on
            }
            core.close(new KVStoreException(Reason.CLOSED, "the run has ended"));
            assertThat(pool.liveBytes()).as("bytes of the worker").isZero();
            for (SimServer server : servers) {
                assertThat(server.pool().liveBytes())
                        .as("bytes of values and of two states each")
                        .isEqualTo(3 * server.valueBytes());
            }
        }

        /** Lets a message arrive: not at all, or once or twice, soon or much later. */
        private void travel(Runnable arrival) {
            int copies = faulty ? List.of(0, 1, 1, 1, 1, 1, 1, 2).get(random.nextInt(8)) : 1;
            for (int i = 0; i < copies; i++) {
                int millis = faulty && random.nextInt(50) == 0 ? 15_000 : 10;
                events.in(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(millis)), arrival);
            }
        }

        private void tick() {
            core.tick(events.now());
            events.in(TimeUnit.MILLISECONDS.toNanos(20), this::tick);
        }

        /** Part actors fail now and then. */
        private void fail() {
            SimServer server = servers.get(random.nextInt(servers.size()));
            if (faulty && !server.parts().isEmpty()) {
                reply(server.restart(
                        server.parts().get(random.nextInt(server.parts().size()))));
            }
            events.in(TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(3_000)), this::fail);
        }

        // ---------------------------------------------------------------- calls

        private interface Request {
            void make(long call);
        }

        private KeyReply answer(long call) {
            while (!answers.containsKey(call)) {
                events.step();
                assertThat(events.now()).as("simulated time").isLessThan(LIMIT);
            }
            return answers.remove(call);
        }

        private void done(Request request) {
            long call = ++calls;
            request.make(call);
            assertThat(answer(call)).isInstanceOf(KeyReply.Done.class);
        }

        private Payload gradient() {
            return Payload.of(pool.filled(LAYOUT.dtype(), LAYOUT.shape(), into -> {
                for (int i = 0; i < into.length(); i++) {
                    into.floats()[i] = random.nextFloat();
                }
            }));
        }

        private void push(Key key) {
            done(call -> core.push(call, key, 0, gradient(), false));
        }

        /** Copies of the states that the keys have, asked for at once. */
        private List<OptimizerState> gather() {
            List<Long> open = new ArrayList<>();
            for (Key key : KEYS) {
                open.add(++calls);
                core.gather(calls, key, KeyConfig.ASSIGN, PIECE);
            }
            List<OptimizerState> states = new ArrayList<>();
            for (long call : open) {
                OptimizerState state = ((KeyReply.States) answer(call)).state();
                states.add(copy(state, null));
                state.release();
            }
            return states;
        }

        /** @param into null: not pooled */
        private static OptimizerState copy(OptimizerState state, BufferPool into) {
            List<DenseTensor> copies = state.states().stream()
                    .map(each -> into == null ? each.copy() : into.copyOf(each))
                    .toList();
            return new OptimizerState(state.form(), state.shape(), state.dtype(), state.updates(), copies);
        }

        private void load(List<OptimizerState> states) {
            List<SessionCore.Restoring> all = new ArrayList<>();
            for (int i = 0; i < KEYS.size(); i++) {
                all.add(new SessionCore.Restoring(++calls, KEYS.get(i), copy(states.get(i), pool)));
            }
            core.load(all, PIECE);
            all.forEach(each -> assertThat(answer(each.call())).isInstanceOf(KeyReply.Done.class));
        }

        // ---------------------------------------------------------------- the session's outside

        @Override
        public long nextId() {
            return ++ids;
        }

        @Override
        public void send(SimNode node, long id, Part part, int priority, KeyCommand command) {
            KeyCommand written = SimNet.write(command);
            SimServer server = servers.get(node.place());
            travel(() -> {
                if (server.has(part)) {
                    reply(server.deliver(part, id, SimNet.read(written, server.pool())));
                } else {
                    travel(() -> core.incoming().notHere(id));
                }
            });
        }

        private void reply(List<KeyReply> replies) {
            for (KeyReply reply : replies) {
                KeyReply written = SimNet.write(reply);
                travel(() -> core.incoming().onReply(reply.id(), SimNet.read(written, pool)));
            }
        }

        @Override
        public void locate(Part part) {
            SimServer home = servers.get(part.slice() % servers.size());
            if (!home.has(part)) {
                home.start(part);
            }
            travel(() -> core.incoming().located(part, home.node()));
        }

        @Override
        public void answer(long call, KeyReply reply) {
            answers.put(call, reply);
        }

        @Override
        public void fail(long call, KVStoreException failure) {
            throw new AssertionError("call " + call + " failed", failure);
        }

        @Override
        public void known(Key key, Layout layout, long generation, long version) {}

        @Override
        public void initialised(Key key) {}

        @Override
        public void doubted(Key key) {}

        @Override
        public void unknown(Key key) {}

        @Override
        public void fenced(long incarnation) {
            throw new AssertionError("incarnation " + incarnation + " was fenced");
        }
    }
}
