package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Updater;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class KeyActorTest {
    private static final ActorTestKit testKit = TestKits.create();
    private static final Key KEY = Key.of("w");
    private static final Optimizer MOMENTUM =
            Optimizer.sgd().learningRate(1).momentum(0.5).build();

    private final TestProbe<KeyReply> client = testKit.createTestProbe();
    private final StoreContext store = new StoreContext("local", KVStoreSettings.of(ConfigFactory.load()));
    private final ActorRef<KeyCommand> key = testKit.spawn(KeyActor.create(Part.head(KEY), store));

    @AfterAll
    static void stop() {
        testKit.shutdownTestKit();
    }

    @Test
    void anInitialisedKeyIsPushedToAndPulled() {
        init(1, 2);
        pull(0, 1, 2);
        push(1, 10, 20);
        pull(1, 10, 20);
        assertThat(store.info(KEY).orElseThrow().version()).isEqualTo(1);
    }

    @Test
    void theGradientsOfOnePushAreSummed() {
        init(0, 0);
        key.tell(new KeyCommand.Push(List.of(of(1, 2), of(3, 4), of(5, 6)), Origin.none(), 7, client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 7, 1));
        pull(1, 9, 12);
    }

    @Test
    void pushPullAnswersWithTheValueThatItMade() {
        init(0, 0);
        key.tell(new KeyCommand.PushPull(List.of(of(1, 2), of(3, 4)), Origin.none(), 7, client.ref()));
        client.expectMessage(new KeyReply.Value(KEY, 7, 1, of(4, 6)));
    }

    @Test
    void everyPermittedCommandIsAnsweredUnderItsId() throws ReflectiveOperationException {
        for (Class<?> command : KeyCommand.class.getPermittedSubclasses()) {
            if (command == PartCommand.class || command == KeyCommand.PullInto.class) {
                continue; // of a cluster's keys, and of keys on GPUs
            }
            ActorRef<KeyCommand> fresh = testKit.spawn(KeyActor.create(Part.head(KEY), newStore()));
            if (command != KeyCommand.Init.class) {
                fresh.tell(new KeyCommand.Init(RowSparseTensor.of(Shape.of(2), new long[] {0}, of(1)), client.ref()));
                client.expectMessageClass(KeyReply.Done.class);
                fresh.tell(new KeyCommand.Configure(new KeyConfig(1, MOMENTUM, null), 0, client.ref()));
                client.expectMessageClass(KeyReply.Done.class);
            }
            fresh.tell(sample(command));
            KeyReply reply = client.receiveMessage();
            assertThat(reply.id()).as(command.getSimpleName()).isEqualTo(42);
            assertThat(reply).as(command.getSimpleName()).isNotInstanceOf(KeyReply.Refused.class);
        }
    }

    @Test
    void aStoreInOneJvmRefusesWhatIsForACluster() {
        init(1, 2);
        key.tell(new PartCommand.Describe(42, client.ref()));
        assertThat(refused(Reason.UNSUPPORTED)).contains("Describe").contains("cluster");
        pull(0, 1, 2);
    }

    @Test
    void aStoreWithoutGpusRefusesArraysOnThem() {
        init(1, 2);
        DeviceTensor array = DeviceTensor.of(0, 0x7000, DType.FLOAT32, Shape.of(2), 0);
        AtomicInteger released = new AtomicInteger();
        key.tell(new KeyCommand.PullInto(List.of(array), 42, client.ref()));
        assertThat(refused(Reason.UNSUPPORTED)).contains("no GPU", "kvstore.devices");
        key.tell(new KeyCommand.Push(
                List.of(of(1, 2), array.lent(released::incrementAndGet)), Origin.none(), 42, client.ref()));
        assertThat(refused(Reason.UNSUPPORTED)).contains("no GPU", "an array on the host");
        assertThat(released).as("the array is its owner's again").hasValue(1);
        pull(0, 1, 2);
    }

    @Test
    void rowsOfARowSparseKeyAreSortedUniqueAndTheReceivers() {
        RowSparseTensor value = rowSparse(4, new long[] {1, 3}, 10, 11, 30, 31);
        key.tell(new KeyCommand.Init(value, client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 0, 0));
        assertThat(store.info(KEY).orElseThrow().rowSparse()).isTrue();

        key.tell(new KeyCommand.PullRows(new long[] {3, 0, 3}, 5, client.ref()));
        KeyReply.Rows rows = client.expectMessageClass(KeyReply.Rows.class);
        assertThat(rows).isEqualTo(new KeyReply.Rows(KEY, 5, 0, rowSparse(4, new long[] {0, 3}, 0, 0, 30, 31)));
        key.tell(new KeyCommand.Push(rowSparse(4, new long[] {0}, 7, 8), client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 0, 1));
        assertThat(rows.rows()).isEqualTo(rowSparse(4, new long[] {0, 3}, 0, 0, 30, 31));
        key.tell(new KeyCommand.PullRows(new long[] {0, 1, 2, 3}, client.ref()));
        client.expectMessage(
                new KeyReply.Rows(KEY, 0, 1, rowSparse(4, new long[] {0, 1, 2, 3}, 7, 8, 0, 0, 0, 0, 0, 0)));
        assertThat(store.pool().liveBytes()).as("the table alone").isEqualTo(32);
    }

    @Test
    void rowsThatCannotBeGivenAreRefused() {
        key.tell(new KeyCommand.PullRows(new long[] {0}, client.ref()));
        assertThat(client.expectMessageClass(KeyReply.Refused.class).reason()).isEqualTo(Reason.NOT_INITIALIZED);
        key.tell(new KeyCommand.Init(rowSparse(2, new long[] {1}, 1, 2), client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        for (long outside : new long[] {-1, 2, Long.MAX_VALUE}) {
            key.tell(new KeyCommand.PullRows(new long[] {1, outside}, 9, client.ref()));
            client.expectMessage(new KeyReply.Refused(
                    KEY,
                    9,
                    Reason.OUT_OF_RANGE,
                    "rowSparsePull expects row ids in [0, 2), given " + outside + " at position 1"));
        }
    }

    @Test
    void aRowSparseValueOfMoreElementsThanAKeyHoldsIsRefused() {
        RowSparseTensor huge = RowSparseTensor.of(
                Shape.of(1L << 40, 2), new long[0], DenseTensor.zeros(DType.FLOAT32, Shape.of(0, 2)));
        key.tell(new KeyCommand.Init(huge, client.ref()));
        KeyReply.Refused refused = client.expectMessageClass(KeyReply.Refused.class);
        assertThat(refused.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
        assertThat(refused.message()).contains("at most 2147483639 elements", "(1099511627776, 2)");
        init(1, 2);
    }

    @Test
    void rowsOfADenseKeyAreRefused() {
        init(1, 2);
        key.tell(new KeyCommand.PullRows(new long[] {0}, client.ref()));
        KeyReply.Refused refused = client.expectMessageClass(KeyReply.Refused.class);
        assertThat(refused.reason()).isEqualTo(Reason.STORAGE_MISMATCH);
        assertThat(refused.message()).contains("initialised with a RowSparse", "dense", "use pull");
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() {
        init(1, 2);
        refusedPush(Reason.SHAPE_MISMATCH, DenseTensor.of(new float[] {1}));
        refusedPush(Reason.SHAPE_MISMATCH, DenseTensor.of(new float[] {1, 1}, 1, 2));
        refusedPush(Reason.DTYPE_MISMATCH, DenseTensor.of(new double[] {1, 1}));
        refusedPush(Reason.INVALID_ARGUMENT, new EncodedTensor("unknown", DType.FLOAT32, Shape.of(2), new byte[] {1}));
        refusedPush(Reason.SHAPE_MISMATCH, of(1, 1), DenseTensor.of(new float[] {1}));
        refusedPush(Reason.INVALID_ARGUMENT);
        pull(0, 1, 2);
        assertThat(store.stats(0, 0).refused()).isEqualTo(6);
    }

    @Test
    void refusalsNameTheExpectedAndTheGiven() {
        init(1, 2);
        key.tell(new KeyCommand.Push(DenseTensor.of(new float[] {1}), client.ref()));
        assertThat(refused(Reason.SHAPE_MISMATCH)).isEqualTo("push expects shape (2,), given (1,)");
        key.tell(new KeyCommand.Push(
                List.of(of(1, 1), DenseTensor.of(new double[] {1, 1})), Origin.none(), 0, client.ref()));
        assertThat(refused(Reason.DTYPE_MISMATCH)).isEqualTo("push (array 1 of 2) expects type float32, given float64");
        key.tell(new KeyCommand.Init(of(3, 4), client.ref()));
        assertThat(refused(Reason.ALREADY_INITIALIZED)).contains("shape (2,) and type float32");
    }

    @Test
    void aKeyThatDoesNotExistRefusesAllButInit() {
        key.tell(new KeyCommand.Push(of(1, 2), client.ref()));
        assertThat(refused(Reason.NOT_INITIALIZED)).startsWith("push of a key that was not initialised");
        key.tell(new KeyCommand.PushPull(of(1, 2), client.ref()));
        refused(Reason.NOT_INITIALIZED);
        key.tell(new KeyCommand.Pull(client.ref()));
        assertThat(refused(Reason.NOT_INITIALIZED)).startsWith("pull of a key");
        key.tell(new KeyCommand.Delete(0, client.ref()));
        refused(Reason.NOT_INITIALIZED);
        key.tell(new KeyCommand.Snapshot(0, client.ref()));
        refused(Reason.NOT_INITIALIZED);
        refusedRestore(Reason.NOT_INITIALIZED, momentum(1, 1, 2));
        init(1, 2);
        pull(0, 1, 2);
    }

    @Test
    void oneStoreHoldsKeysOfOneKind() {
        init(1, 2);
        ActorRef<KeyCommand> number = testKit.spawn(KeyActor.create(Part.head(Key.of(3)), store));
        number.tell(new KeyCommand.Init(of(1, 2), client.ref()));
        assertThat(refused(Reason.MIXED_KEY_KINDS)).contains("string keys");
        assertThat(store.pool().liveBytes())
                .as("the refused value's copy is given back")
                .isEqualTo(8);
    }

    @Test
    void configureChangesHowLaterPushesApply() {
        init(10, 20);
        configure(Optimizer.sgd().learningRate(0.5).build(), null);
        push(1, 2, 4);
        pull(1, 9, 18);
        configure(null, (key, received, stored) -> stored.addi(received));
        push(2, 1, 1);
        pull(2, 10, 19);
        configure(null, null);
        push(3, 7, 7);
        pull(3, 7, 7);
    }

    @Test
    void aDeletedKeyIsBornAgainInAHigherGeneration() {
        init(1, 2);
        push(1, 3, 4);
        long generation = store.info(KEY).orElseThrow().generation();
        key.tell(new KeyCommand.Delete(0, client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 0, 1));
        assertThat(store.info(KEY)).isEmpty();
        assertThat(store.pool().liveBytes()).isZero();
        key.tell(new KeyCommand.Init(DenseTensor.of(new double[] {5, 6, 7}), client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 0, 0));
        long next = store.info(KEY).orElseThrow().generation();
        assertThat(next).isGreaterThan(generation);
        key.tell(new KeyCommand.Push(List.of(of(1, 2)), new Origin("a", 1, generation, 1), 0, client.ref()));
        assertThat(refused(Reason.STALE_GENERATION)).contains("generation " + generation, "generation " + next);
    }

    @Test
    void aRepeatedPushIsAnsweredAndNotAppliedAgain() {
        init(0, 0);
        configure(Optimizer.of("test", Map.of()), null);
        long generation = store.info(KEY).orElseThrow().generation();
        for (int attempt = 1; attempt <= 3; attempt++) {
            key.tell(new KeyCommand.Push(List.of(of(1, 1)), new Origin("a", 1, generation, 1), attempt, client.ref()));
            client.expectMessage(new KeyReply.Done(KEY, attempt, 1));
        }
        pull(1, 1, 1);
        key.tell(new KeyCommand.Push(List.of(of(1, 1)), new Origin("a", 1, generation, 3), 0, client.ref()));
        assertThat(refused(Reason.OUT_OF_ORDER)).isEqualTo("push 3 of worker 'a', expected 2");
    }

    @Test
    void anUpdaterThatThrowsChangesNothingAndTheKeyGoesOn() {
        init(1, 2);
        for (Throwable failure : new Throwable[] {
            new IllegalStateException("no"),
            new StackOverflowError(),
            new AssertionError("no"),
            new OutOfMemoryError("no")
        }) {
            configure(null, (key, received, stored) -> {
                stored.addi(1);
                sneak(failure);
            });
            key.tell(new KeyCommand.Push(of(5, 5), client.ref()));
            assertThat(refused(Reason.UPDATER_FAILED)).contains(failure.toString(), "the value kept");
            pull(0, 1, 2);
        }
        configure(null, null);
        push(1, 5, 5);
        assertThat(store.pool().liveBytes()).isEqualTo(8);
    }

    @Test
    void theKeyNeverRefersToASendersTensorAfterItsReply() {
        DenseTensor first = of(1, 2);
        key.tell(new KeyCommand.Init(first, client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        first.floats()[0] = 99;
        pull(0, 1, 2);
        DenseTensor gradient = of(3, 4);
        key.tell(new KeyCommand.Push(gradient, client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        gradient.floats()[0] = 99;
        pull(1, 3, 4);
    }

    @Test
    void aPulledValueStaysAsItIsWhileThePushesGoOn() {
        init(1, 2);
        configure(Optimizer.sgd().learningRate(1).momentum(0.5).build(), null);
        key.tell(new KeyCommand.Pull(client.ref()));
        DenseTensor lease = client.expectMessageClass(KeyReply.Value.class).value();
        push(1, 1, 1);
        push(2, 1, 1);
        assertThat(lease).isEqualTo(of(1, 2));
        lease.release();
        assertThat(store.pool().liveBytes()).as("value and momentum").isEqualTo(16);
    }

    @Test
    void anOptimizerCannotUpdateIntegersAndSaysSo() {
        key.tell(new KeyCommand.Init(DenseTensor.zeros(DType.INT32, Shape.of(2)), client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
        configure(Optimizer.sgd().build(), null);
        key.tell(new KeyCommand.Push(DenseTensor.zeros(DType.INT32, Shape.of(2)), client.ref()));
        assertThat(refused(Reason.UNSUPPORTED_DTYPE)).contains("sgd", "int32");
        assertThat(store.pool().liveBytes()).isEqualTo(8);
    }

    @Test
    void aSnapshotStaysAsItIsWhileThePushesGoOn() {
        init(1, 2);
        configure(MOMENTUM, null);
        push(1, 1, 2);
        key.tell(new KeyCommand.Snapshot(7, client.ref()));
        KeyReply.States lease = client.expectMessageClass(KeyReply.States.class);
        push(2, 1, 1);
        assertThat(lease).isEqualTo(new KeyReply.States(KEY, 7, new KeyConfig(1, MOMENTUM, null), momentum(1, -1, -2)));
        lease.release();
        assertThat(store.pool().liveBytes()).as("value and momentum").isEqualTo(16);
        push(3, 0, 0);
        assertThat(store.pool().liveBytes()).as("value and momentum").isEqualTo(16);
    }

    @Test
    void aRestoredKeyGoesOnFromTheStatesAndKeepsItsValue() {
        init(1, 2);
        configure(MOMENTUM, null);
        DenseTensor senders = of(8, 4);
        OptimizerState state =
                new OptimizerState(MOMENTUM.stateForm(), Shape.of(2), DType.FLOAT32, 3, List.of(senders));
        key.tell(new KeyCommand.Restore(state, 9, client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 9, 0));
        senders.floats()[0] = 99;
        pull(0, 1, 2);
        push(1, 1, 1);
        pull(1, 1 + 3, 2 + 1);
        key.tell(new KeyCommand.Snapshot(0, client.ref()));
        assertThat(client.expectMessageClass(KeyReply.States.class).state()).isEqualTo(momentum(4, 3, 1));
    }

    @Test
    void statesThatDoNotFitAreRefusedAndChangeNothing() {
        init(1, 2);
        refusedRestore(Reason.NO_OPTIMIZER, momentum(1, 1, 1));
        configure(MOMENTUM, null);
        push(1, 1, 2);
        StateForm form = MOMENTUM.stateForm();
        Shape shape = Shape.of(2);
        assertThat(refusedRestore(Reason.STATE_MISMATCH, fresh(Optimizer.adam().build(), shape)))
                .isEqualTo("load expects states of sgd with 1 state, given those of adam with 2 states");
        assertThat(refusedRestore(Reason.SHAPE_MISMATCH, OptimizerState.fresh(form, Shape.of(3), DType.FLOAT32)))
                .isEqualTo("load expects shape (2,), given (3,)");
        refusedRestore(Reason.DTYPE_MISMATCH, OptimizerState.fresh(form, shape, DType.FLOAT64));
        for (List<DenseTensor> states : List.of(
                List.<DenseTensor>of(),
                List.of(of(1, 2), of(1, 2)),
                List.of(of(1, 2, 3)),
                List.of(DenseTensor.of(new double[] {1, 2})))) {
            refusedRestore(Reason.STATE_MISMATCH, new OptimizerState(form, shape, DType.FLOAT32, 1, states));
        }
        refusedRestore(Reason.STATE_MISMATCH, new OptimizerState(form, shape, DType.FLOAT32, 0, List.of(of(1, 2))));
        refusedRestore(Reason.STATE_MISMATCH, new OptimizerState(form, shape, DType.FLOAT32, -1, List.of(of(1, 2))));
        key.tell(new KeyCommand.Snapshot(0, client.ref()));
        assertThat(client.expectMessageClass(KeyReply.States.class).state()).isEqualTo(momentum(1, -1, -2));
    }

    @Test
    void aSnapshotUnderAnotherRuleIsFreshAndWithoutOneRefused() {
        init(1, 2);
        configure(MOMENTUM, null);
        push(1, 1, 2);
        Optimizer adam = Optimizer.adam().build();
        configure(adam, null);
        key.tell(new KeyCommand.Snapshot(0, client.ref()));
        assertThat(client.expectMessageClass(KeyReply.States.class).state()).isEqualTo(fresh(adam, Shape.of(2)));
        configure(null, (key, received, stored) -> {});
        key.tell(new KeyCommand.Snapshot(0, client.ref()));
        assertThat(refused(Reason.NO_OPTIMIZER)).contains("an updater, whose state is its own", "setOptimizer");
    }

    private static OptimizerState momentum(long updates, float... values) {
        return new OptimizerState(
                MOMENTUM.stateForm(), Shape.of(values.length), DType.FLOAT32, updates, List.of(of(values)));
    }

    private static OptimizerState fresh(Optimizer optimizer, Shape shape) {
        return OptimizerState.fresh(optimizer.stateForm(), shape, DType.FLOAT32);
    }

    private String refusedRestore(Reason reason, OptimizerState state) {
        key.tell(new KeyCommand.Restore(state, 0, client.ref()));
        return refused(reason);
    }

    private void init(float... values) {
        key.tell(new KeyCommand.Init(DenseTensor.of(values), client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 0, 0));
    }

    private void push(long version, float... values) {
        key.tell(new KeyCommand.Push(DenseTensor.of(values), client.ref()));
        client.expectMessage(new KeyReply.Done(KEY, 0, version));
    }

    private void pull(long version, float... values) {
        key.tell(new KeyCommand.Pull(5, client.ref()));
        KeyReply.Value reply = client.expectMessageClass(KeyReply.Value.class);
        assertThat(reply).isEqualTo(new KeyReply.Value(KEY, 5, version, DenseTensor.of(values)));
        reply.value().release();
    }

    private void configure(Optimizer optimizer, Updater updater) {
        key.tell(new KeyCommand.Configure(new KeyConfig(1, optimizer, updater), 3, client.ref()));
        client.expectMessageClass(KeyReply.Done.class);
    }

    private void refusedPush(Reason reason, Tensor... gradients) {
        key.tell(new KeyCommand.Push(Arrays.asList(gradients), Origin.none(), 0, client.ref()));
        refused(reason);
    }

    private String refused(Reason reason) {
        KeyReply.Refused refused = client.expectMessageClass(KeyReply.Refused.class);
        assertThat(refused.reason()).as(refused.message()).isEqualTo(reason);
        return refused.message();
    }

    private KeyCommand sample(Class<?> command) throws ReflectiveOperationException {
        RecordComponent[] parts = command.getRecordComponents();
        Class<?>[] types = Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = Arrays.stream(types).map(this::value).toArray();
        return (KeyCommand) command.getDeclaredConstructor(types).newInstance(values);
    }

    private Object value(Class<?> type) {
        return type == long.class
                ? (Object) 42L
                : type == ActorRef.class
                        ? client.ref()
                        : type == List.class
                                ? List.of(of(1, 2))
                                : type == Origin.class
                                        ? Origin.none()
                                        : type == Reading.class
                                                ? Reading.latest()
                                                : type == KeyConfig.class
                                                        ? KeyConfig.ASSIGN
                                                        : type == OptimizerState.class ? momentum(3, 5, 6) : rows(type);
    }

    private Object rows(Class<?> type) {
        return type == long[].class ? new long[] {1, 0} : of(1, 2);
    }

    private static RowSparseTensor rowSparse(int rows, long[] ids, float... values) {
        int length = values.length / ids.length;
        return RowSparseTensor.of(Shape.of(rows, length), ids, DenseTensor.of(values, ids.length, length));
    }

    private static StoreContext newStore() {
        return new StoreContext("local", KVStoreSettings.of(ConfigFactory.load()));
    }

    private static DenseTensor of(float... values) {
        return DenseTensor.of(values);
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneak(Throwable failure) throws E {
        throw (E) failure;
    }
}
