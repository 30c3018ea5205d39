package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class DeviceActorTest {
    private static final ActorTestKit testKit = TestKits.create();

    private final TestProbe<KeyEvent> key = testKit.createTestProbe();
    private final AtomicBoolean closed = new AtomicBoolean();

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    @Test
    void commitsAreCarriedOutInTheOrderOfArrival() {
        ActorRef<DeviceActor.CarryOut> device = spawn(commit ->
                new Commit.Outcome((DenseTensor) commit.gradients().get(0), null, List.of(), commit.version()));
        for (int version = 1; version <= 20; version++) {
            device.tell(new DeviceActor.CarryOut(commit(version), key.ref()));
        }
        for (int version = 1; version <= 20; version++) {
            KeyEvent.Committed event = key.expectMessageClass(KeyEvent.Committed.class);
            assertThat(event.commit().version()).isEqualTo(version);
            assertThat(event.outcome().updates()).isEqualTo(version);
        }
    }

    @Test
    void whateverACommitThrowsBecomesItsOutcomeAndTheDeviceGoesOn() {
        ActorRef<DeviceActor.CarryOut> device = spawn(commit -> {
            switch ((int) commit.version()) {
                case 1 -> throw new KVStoreException(Reason.UNSUPPORTED_DTYPE, "not this type");
                case 2 -> throw new OutOfMemoryError("small machine");
                case 3 -> throw new IllegalStateException("broken");
                case 4 -> throw new StackOverflowError();
                default -> {
                    return new Commit.Outcome(commit.record().value, null, List.of(), 0);
                }
            }
        });
        for (int version = 1; version <= 5; version++) {
            device.tell(new DeviceActor.CarryOut(commit(version), key.ref()));
        }
        assertThat(failed(Reason.UNSUPPORTED_DTYPE)).isEqualTo("not this type");
        assertThat(failed(Reason.OUT_OF_MEMORY)).contains("8 bytes", "small machine", "the value was kept");
        assertThat(failed(Reason.INTERNAL)).contains("IllegalStateException: broken");
        assertThat(failed(Reason.INTERNAL)).contains("StackOverflowError");
        key.expectMessageClass(KeyEvent.Committed.class);
    }

    @Test
    void theDeviceIsClosedWhenItsActorStops() {
        ActorRef<DeviceActor.CarryOut> device = spawn(commit -> null);
        assertThat(closed).isFalse();
        testKit.stop(device);
        assertThat(closed).isTrue();
    }

    @Test
    void aHostDeviceSumsOneAfterTheOtherAndCountsItsBytes() {
        BufferPool pool = new BufferPool(1000);
        HostDevice device = new HostDevice(3, pool);
        BufferPool senders = new BufferPool(1000);
        List<Tensor> gradients = List.of(
                senders.copyOf(of(1e8f, 1)),
                senders.copyOf(of(-1e8f, 1)),
                senders.copyOf(of(1, 1)),
                senders.copyOf(of(1, 1)),
                senders.copyOf(of(1, 1)));
        Commit.Outcome outcome = device.carryOut(new Commit(record(), 1, gradients, KeyConfig.ASSIGN));
        assertThat(outcome.value()).isEqualTo(of(3, 5));
        assertThat(device.name()).isEqualTo("cpu(3)");
        assertThat(device.liveBytes()).isEqualTo(8);
        assertThat(senders.liveBytes()).as("gradients are released once read").isZero();
        outcome.value().release();
        assertThat(pool.idleBytes()).isEqualTo(8);
        device.close();
        assertThat(pool.idleBytes()).isZero();
    }

    private String failed(Reason reason) {
        KeyEvent.CommitFailed event = key.expectMessageClass(KeyEvent.CommitFailed.class);
        assertThat(event.reason()).isEqualTo(reason);
        return event.message();
    }

    private static Commit commit(long version) {
        return new Commit(record(), version, List.of(of(1, 2)), KeyConfig.ASSIGN);
    }

    private static KeyRecord record() {
        return new KeyRecord(
                Part.head(Key.of("w")),
                Layout.whole(Shape.of(2), DType.FLOAT32, false),
                1,
                of(0, 0),
                null,
                "cpu(0)",
                KeyConfig.ASSIGN);
    }

    private static DenseTensor of(float... values) {
        return DenseTensor.of(values);
    }

    private ActorRef<DeviceActor.CarryOut> spawn(Function<Commit, Commit.Outcome> arithmetic) {
        return testKit.spawn(DeviceActor.create(
                new Device() {
                    @Override
                    public String name() {
                        return "fake(0)";
                    }

                    @Override
                    public Commit.Outcome carryOut(Commit commit) {
                        return arithmetic.apply(commit);
                    }

                    @Override
                    public long liveBytes() {
                        return 0;
                    }

                    @Override
                    public void close() {
                        closed.set(true);
                    }
                },
                TestKits.unprofiled()));
    }
}
