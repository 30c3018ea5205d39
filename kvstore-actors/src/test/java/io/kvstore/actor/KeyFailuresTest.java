package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class KeyFailuresTest {
    private static final ActorTestKit testKit = TestKits.create();
    private static final Key KEY = Key.of("w");

    private final TestProbe<KeyReply> client = testKit.createTestProbe();
    private final StoreContext store = new StoreContext("local", KVStoreSettings.of(ConfigFactory.load()));
    private final ActorRef<KeyCommand> key = testKit.spawn(KeyActor.create(Part.head(KEY), store));
    private final INDArray array = Nd4j.ones(2);

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    @Test
    void momentumThatIsSetLaterStartsAtZero() {
        key.tell(new KeyCommand.Init(DenseTensor.of(new float[] {0}), client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        Optimizer plain = Optimizer.sgd().learningRate(1).build();
        for (Optimizer each : List.of(plain, plain.toBuilder().momentum(0.5).build(), plain)) {
            key.tell(new KeyCommand.Configure(new KeyConfig(1, each, null), 0, client.ref()));
            client.expectMessageClass(KeyReply.Done.class);
            key.tell(new KeyCommand.Push(DenseTensor.of(new float[] {1}), client.ref()));
            assertThat(client.receiveMessage()).as(each.toString()).isInstanceOf(KeyReply.Done.class);
        }
    }

    @Test
    void aFirstValueThatWasTakenBackIsRefusedAndReleased() {
        AtomicInteger released = new AtomicInteger();
        BorrowedTensor value = new BorrowedTensor(array, released::incrementAndGet);
        value.revoke();
        key.tell(new KeyCommand.Init(value, client.ref()));
        client.expectMessageClass(KeyReply.Refused.class);
        assertThat(released).hasValue(1);
    }

    /** Effects that hold commits and remember replies. */
    private static final class Recorder implements KeyState.Effects<String> {
        private final List<String> replies = new ArrayList<>();
        private Commit commit;

        @Override
        public void done(String to, long version) {
            replies.add(to + " done");
        }

        @Override
        public void value(String to, long version, DenseTensor value) {
            replies.add(to + " value");
            value.release();
        }

        @Override
        public void part(String to, PartReply reply) {
            throw new AssertionError("a store in one JVM gave " + reply);
        }

        @Override
        public DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients) {
            throw new AssertionError("a store in one JVM has no rounds");
        }

        @Override
        public KeyConfig config(long version) {
            throw new AssertionError("a store in one JVM has one configuration");
        }

        @Override
        public void states(String to, KeyConfig config, OptimizerState state) {
            replies.add(to + " states");
            state.release();
        }

        @Override
        public void rows(String to, long version, RowSparseTensor rows) {
            replies.add(to + " rows");
        }

        @Override
        public void refused(String to, Reason reason, String message) {
            replies.add(to + " " + reason);
        }

        @Override
        public void commit(Commit next) {
            commit = next;
        }

        @Override
        public String place(long bytes) {
            return "here";
        }

        @Override
        public void unplace(KeyRecord record) {}
    }

    @Test
    void aWaitingRequestThatThrowsIsAnsweredAndThoseBehindItToo() {
        Recorder effects = new Recorder();
        KeyState<String> state =
                new KeyState<>(KEY, new KeyRecords(), new BufferPool(1000), KeyConfig.ASSIGN, 10, effects);
        state.init(DenseTensor.of(new float[] {1, 2}), "init");
        state.push(List.of(DenseTensor.of(new float[] {1, 2})), Origin.none(), false, "push");
        state.delete("delete");
        BorrowedTensor revoked = new BorrowedTensor(array, () -> {});
        revoked.revoke();
        state.init(revoked, "second init");
        state.pull(Reading.latest(), "pull");
        state.commitFailed(effects.commit, Reason.INTERNAL, "as planned");
        assertThat(effects.replies).hasSize(5);
    }

    @Test
    void anOutcomeThatComesTooLateIsReleased() {
        Recorder effects = new Recorder();
        BufferPool pool = new BufferPool(1000);
        KeyState<String> state = new KeyState<>(KEY, new KeyRecords(), pool, KeyConfig.ASSIGN, 10, effects);
        state.init(DenseTensor.of(new float[] {1, 2}), "init");
        state.push(List.of(pool.copyOf(DenseTensor.of(new float[] {1, 2}))), Origin.none(), false, "push");
        state.abandon(Reason.INTERNAL, "restart");
        state.committed(effects.commit, new HostCommit(pool, 4).carryOut(effects.commit));
        assertThat(pool.liveBytes()).isEqualTo(8);
    }
}
