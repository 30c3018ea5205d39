package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Stats;
import io.kvstore.Updater;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoreActorTest {
    private static final ActorTestKit testKit = TestKits.create();
    private static final String SETTINGS = "kvstore { devices = 3, key-queue-limit = 2 }";

    private final TestProbe<KeyReply> client = testKit.createTestProbe();
    private final TestProbe<StoreActor.RuleSet> rules = testKit.createTestProbe();

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aKeyIsFoundAndServed(String type) {
        ActorRef<StoreActor.Command> store = spawn(type);
        ActorRef<KeyCommand> key = find(store, "w");
        init(key, 1, 2);
        key.tell(new KeyCommand.PushPull(DenseTensor.of(new float[] {3, 4}), client.ref()));
        client.expectMessage(new KeyReply.Value(Key.of("w"), 0, 1, DenseTensor.of(new float[] {3, 4})));
    }

    @Test
    void aKeyHasOneActorWhoeverAsks() {
        ActorRef<StoreActor.Command> store = spawn("local");
        TestProbe<StoreActor.Opened> opened = testKit.createTestProbe();
        store.tell(new StoreActor.Open(List.of(Key.of("a"), Key.of("b")), opened.ref()));
        opened.expectMessage(new StoreActor.Opened());
        StoreContext context = attach(store);
        assertThat(find(store, "a")).isEqualTo(find(store, "a")).isEqualTo(context.actor(Key.of("a")));
        assertThat(find(store, "b")).isNotEqualTo(find(store, "a"));
        assertThat(context.actor(Key.of("c"))).isNull();
        assertThat(context.keys()).as("keys with a value").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aRuleReachesPresentAndFutureKeys(String type) {
        ActorRef<StoreActor.Command> store = spawn(type);
        ActorRef<KeyCommand> present = find(store, "present");
        init(present, 1, 1);
        assertThat(setRule(store, Optimizer.sgd().learningRate(1).build(), null).version())
                .isEqualTo(1);
        ActorRef<KeyCommand> future = find(store, "future");
        init(future, 1, 1);
        for (ActorRef<KeyCommand> key : List.of(present, future)) {
            assertThat(pushPull(key, 2, 3)).isEqualTo(DenseTensor.of(new float[] {-1, -2}));
        }
        setRule(store, null, null);
        assertThat(pushPull(present, 2, 3)).isEqualTo(DenseTensor.of(new float[] {2, 3}));
    }

    @Test
    void anEqualOptimizerChangesNothing() {
        ActorRef<StoreActor.Command> store = spawn("local");
        KeyConfig first = setRule(store, Optimizer.adam().build(), null);
        assertThat(setRule(store, Optimizer.adam().build(), null)).isEqualTo(first);
        assertThat(setRule(store, Optimizer.adam().learningRate(0.5).build(), null)
                        .version())
                .isEqualTo(first.version() + 1);
    }

    @Test
    void adjustingKeepsTheOptimizersState() {
        ActorRef<StoreActor.Command> store = spawn("local");
        ActorRef<KeyCommand> key = find(store, "w");
        init(key, 0, 0);
        setRule(store, Optimizer.sgd().learningRate(1).momentum(0.5).build(), null);
        assertThat(pushPull(key, 4, 8)).isEqualTo(DenseTensor.of(new float[] {-4, -8}));
        store.tell(new StoreActor.AdjustOptimizer(builder -> builder.learningRate(0.5), rules.ref()));
        StoreActor.RuleSet set = rules.receiveMessage();
        assertThat(set.problem()).isNull();
        assertThat(set.config().optimizer().learningRate()).isEqualTo(0.5);
        assertThat(pushPull(key, 0, 0)).isEqualTo(DenseTensor.of(new float[] {-6, -12}));
    }

    @Test
    void adjustingNothingOrBadlyIsAProblemAndKeepsTheRule() {
        ActorRef<StoreActor.Command> store = spawn("local");
        store.tell(new StoreActor.AdjustOptimizer(builder -> builder, rules.ref()));
        assertThat(rules.receiveMessage().problem()).isEqualTo("no optimizer is set; call setOptimizer first");
        KeyConfig before = setRule(store, Optimizer.sgd().build(), null);
        store.tell(new StoreActor.AdjustOptimizer(builder -> builder.learningRate(-1), rules.ref()));
        StoreActor.RuleSet set = rules.receiveMessage();
        assertThat(set.problem()).contains("learning_rate").contains("-1");
        assertThat(set.config()).isEqualTo(before);
    }

    @Test
    void aRuleIsAnOptimizerOrAnUpdater() {
        Updater updater = (key, received, stored) -> {};
        Optimizer optimizer = Optimizer.sgd().build();
        assertThatThrownBy(() -> new StoreActor.SetRule(optimizer, updater, rules.ref()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void newKeysGoToTheDeviceWithTheFewestBytes() {
        ActorRef<StoreActor.Command> store = spawn("device");
        StoreContext context = attach(store);
        long[] lengths = {100, 10, 10, 10, 30, 60};
        for (int i = 0; i < lengths.length; i++) {
            find(store, "key-" + i)
                    .tell(new KeyCommand.Init(DenseTensor.zeros(DType.FLOAT32, Shape.of(lengths[i])), client.ref()));
            client.expectMessageClass(KeyReply.Done.class);
        }
        assertThat(context.stats(0, 0).devices())
                .extracting(Stats.DeviceStats::name, Stats.DeviceStats::keys, Stats.DeviceStats::assignedBytes)
                .containsExactly(tuple("cpu(0)", 1L, 400L), tuple("cpu(1)", 3L, 320L), tuple("cpu(2)", 2L, 160L));
        find(store, "key-0").tell(new KeyCommand.Delete(0, client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        assertThat(context.stats(0, 0).devices().get(0).assignedBytes()).isZero();
    }

    @Test
    void whileADeviceCommitsRequestsWaitInOrderAndOneTooManyIsBusy() throws InterruptedException {
        ActorRef<StoreActor.Command> store = spawn("device");
        ActorRef<KeyCommand> key = find(store, "w");
        init(key, 1, 1);
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        setRule(store, null, (name, received, stored) -> {
            entered.countDown();
            await(leave);
            stored.addi(received);
        });
        key.tell(new KeyCommand.Push(List.of(DenseTensor.of(new float[] {1, 2})), Origin.none(), 1, client.ref()));
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        StoreContext context = attach(store);
        assertThat(context.waitingFor(Key.of("w"))).hasValue("version 1 is being committed on cpu(0)");
        assertThat(context.info(Key.of("w")).orElseThrow().version()).isZero();
        for (int id = 2; id <= 4; id++) {
            key.tell(new KeyCommand.Pull(id, client.ref()));
        }
        KeyReply.Refused busy = client.expectMessageClass(KeyReply.Refused.class);
        assertThat(busy.id()).isEqualTo(4);
        assertThat(busy.reason()).isEqualTo(Reason.BUSY);
        assertThat(busy.message()).contains("2 requests already wait", "kvstore.key-queue-limit");
        leave.countDown();
        client.expectMessage(new KeyReply.Done(Key.of("w"), 1, 1));
        client.expectMessage(new KeyReply.Value(Key.of("w"), 2, 1, DenseTensor.of(new float[] {2, 3})));
        client.expectMessage(new KeyReply.Value(Key.of("w"), 3, 1, DenseTensor.of(new float[] {2, 3})));
        assertThat(context.waitingFor(Key.of("w"))).isEmpty();
    }

    @Test
    void anUpdaterThatThrowsOnADeviceLeavesKeyAndDeviceWorking() {
        ActorRef<StoreActor.Command> store = spawn("device");
        ActorRef<KeyCommand> key = find(store, "w");
        init(key, 1, 1);
        setRule(store, null, (name, received, stored) -> {
            throw new StackOverflowError();
        });
        key.tell(new KeyCommand.Push(DenseTensor.of(new float[] {1, 2}), client.ref()));
        assertThat(client.expectMessageClass(KeyReply.Refused.class).reason()).isEqualTo(Reason.UPDATER_FAILED);
        setRule(store, null, null);
        assertThat(pushPull(key, 5, 6)).isEqualTo(DenseTensor.of(new float[] {5, 6}));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aStoppedStoreHoldsNoBuffers(String type) {
        ActorRef<StoreActor.Command> store = spawn(type);
        StoreContext context = attach(store);
        ActorRef<KeyCommand> key = find(store, "w");
        init(key, 1, 1);
        setRule(store, Optimizer.adam().build(), null);
        pushPull(key, 1, 1).release();
        assertThat(context.stats(0, 0).liveBytes()).as("value and two states").isEqualTo(24);
        store.tell(new StoreActor.Stop());
        client.expectTerminated(store);
        assertThat(context.stats(0, 0).liveBytes()).isZero();
        assertThat(context.keys()).isEmpty();
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("waited in vain");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ActorRef<StoreActor.Command> spawn(String type) {
        return testKit.spawn(StoreActor.create(
                type, KVStoreSettings.of(ConfigFactory.parseString(SETTINGS).withFallback(ConfigFactory.load()))));
    }

    private static ActorRef<KeyCommand> find(ActorRef<StoreActor.Command> store, String name) {
        TestProbe<StoreActor.Found> probe = testKit.createTestProbe();
        store.tell(new StoreActor.Find(Key.of(name), probe.ref()));
        return probe.receiveMessage().ref();
    }

    private static StoreContext attach(ActorRef<StoreActor.Command> store) {
        TestProbe<StoreActor.Attached> probe = testKit.createTestProbe();
        store.tell(new StoreActor.Attach(probe.ref()));
        return probe.receiveMessage().store();
    }

    private KeyConfig setRule(ActorRef<StoreActor.Command> store, Optimizer optimizer, Updater updater) {
        store.tell(new StoreActor.SetRule(optimizer, updater, rules.ref()));
        return rules.receiveMessage().config();
    }

    private void init(ActorRef<KeyCommand> key, float... values) {
        key.tell(new KeyCommand.Init(DenseTensor.of(values), client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
    }

    private DenseTensor pushPull(ActorRef<KeyCommand> key, float... values) {
        key.tell(new KeyCommand.PushPull(DenseTensor.of(values), client.ref()));
        return client.expectMessageClass(KeyReply.Value.class).value();
    }
}
