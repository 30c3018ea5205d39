package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.DispatcherSelector;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Stats;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class DeviceActorTest {
    private static final ActorTestKit testKit = TestKits.create();

    private final TestProbe<KeyEvent> key = testKit.createTestProbe();

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    @Test
    void commitsAreCarriedOutInTheOrderOfArrival() {
        ActorRef<DeviceActor.Command> device = spawn(commit ->
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
        ActorRef<DeviceActor.Command> device = spawn(commit -> {
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
    void whatADeviceGoesOnWithRunsOnItsThreadAfterWhatCameBefore() {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        AtomicReference<Executor> thread = new AtomicReference<>();
        ActorRef<DeviceActor.Command> device = testKit.spawn(
                DeviceActor.create(new FakeDevice() {
                    @Override
                    public void runOn(Executor actor) {
                        thread.set(actor);
                    }

                    @Override
                    public void begin(Commit commit, Consumer<KeyEvent> report) {
                        order.add(Thread.currentThread().getName() + " begins " + commit.version());
                        thread.get().execute(() -> {
                            order.add(Thread.currentThread().getName() + " ends " + commit.version());
                            report.accept(new KeyEvent.CommitFailed(commit, Reason.BUSY, "not now"));
                        });
                    }
                }),
                DispatcherSelector.fromConfig("kvstore.device-dispatcher"));
        device.tell(new DeviceActor.CarryOut(commit(1), key.ref()));
        assertThat(failed(Reason.BUSY)).isEqualTo("not now");
        device.tell(new DeviceActor.Run(Errand.value(record()), key.ref()));
        key.expectMessageClass(KeyEvent.ErrandFailed.class);
        assertThat(order).hasSize(2);
        assertThat(order.get(0).replace("begins", "ends")).isEqualTo(order.get(1));
    }

    @Test
    void aHostDeviceSumsOneAfterTheOtherAndCountsItsBytes() {
        BufferPool pool = new BufferPool(1000);
        HostDevice device = new HostDevice("cpu(3)", pool, TestKits.unprofiled(), null);
        BufferPool senders = new BufferPool(1000);
        List<Tensor> gradients = List.of(
                senders.copyOf(of(1e8f, 1)),
                senders.copyOf(of(-1e8f, 1)),
                senders.copyOf(of(1, 1)),
                senders.copyOf(of(1, 1)),
                senders.copyOf(of(1, 1)));
        AtomicReference<KeyEvent> reported = new AtomicReference<>();
        device.begin(new Commit(record(), 1, gradients, KeyConfig.ASSIGN), reported::set);
        Commit.Outcome outcome = ((KeyEvent.Committed) reported.get()).outcome();
        assertThat(outcome.value()).isEqualTo(of(3, 5));
        assertThat(device.name()).isEqualTo("cpu(3)");
        assertThat(device.stats(0, 0).liveBytes()).isEqualTo(8);
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

    private ActorRef<DeviceActor.Command> spawn(Function<Commit, Commit.Outcome> arithmetic) {
        return testKit.spawn(DeviceActor.create(new FakeDevice() {
            @Override
            public void begin(Commit commit, Consumer<KeyEvent> report) {
                report.accept(CommitRun.run(TestKits.unprofiled(), arithmetic, commit));
            }
        }));
    }

    private abstract static class FakeDevice implements Device {
        @Override
        public String name() {
            return "fake(0)";
        }

        @Override
        public void begin(Errand errand, Consumer<KeyEvent> report) {
            report.accept(new KeyEvent.ErrandFailed(errand, Reason.UNSUPPORTED, "all is on the host"));
        }

        @Override
        public Stats.DeviceStats stats(long keys, long assignedBytes) {
            return new Stats.DeviceStats(name(), keys, assignedBytes, 0);
        }

        @Override
        public void close() {}
    }
}
