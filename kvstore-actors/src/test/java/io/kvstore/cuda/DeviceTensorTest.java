package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Shape;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays that a program holds on (simulated) GPUs, pushed and pulled. Every stream's work begins late. */
class DeviceTensorTest {
    private static final long SEED = 11;
    private static final Duration LATE = Duration.ofMillis(1);

    /** @param peers whether the two GPUs reach each other */
    private record Machine(boolean peers, List<String> devices) {
        SimulatedDriver start() {
            SimulatedDriver.Builder driver =
                    SimulatedDriver.builder().gpus(2).seed(SEED).slow(LATE);
            return peers ? driver.start() : driver.withoutPeers().start();
        }
    }

    static Stream<Machine> machines() {
        return Stream.of(
                new Machine(true, List.of("gpu(0)", "gpu(1)")),
                new Machine(false, List.of("gpu(0)", "gpu(1)")),
                new Machine(true, List.of("cpu(0)", "gpu(0)", "gpu(1)")),
                new Machine(false, List.of("gpu(0)", "gpu(0)", "gpu(1)")));
    }

    private static KVStore open(SimulatedDriver driver, List<String> devices) {
        KVStore kv = SimulatedStores.open(driver, KVStore.builder(), devices);
        for (int key = 0; key < 3; key++) { // at least one on each device
            kv.init(key, Nd4j.createFromArray(0f, 0f, 0f));
        }
        return kv;
    }

    private static INDArray of(float... values) {
        return Nd4j.createFromArray(values);
    }

    @ParameterizedTest
    @MethodSource("machines")
    void arraysOfAllGpusAndOfTheHostAreSummedAndFilled(Machine machine) {
        SimulatedDriver driver = machine.start();
        try (KVStore kv = open(driver, machine.devices());
                UsersArrays user = new UsersArrays(driver)) {
            for (int key = 0; key < 3; key++) {
                DeviceTensor there = user.put(0, 1, 2, 3);
                DeviceTensor elsewhere = user.put(1, 10, 20, 30);
                INDArray here = of(100, 200, 300);
                kv.push(key, List.of(there, here, elsewhere));
                DeviceTensor out = user.put(0, -1, -1, -1);
                DeviceTensor other = user.put(1, -1, -1, -1);
                INDArray third = of(-1, -1, -1);
                kv.pull(key, List.of(out, third, other));
                assertThat(user.get(out)).containsExactly(111, 222, 333);
                assertThat(user.get(other)).containsExactly(111, 222, 333);
                assertThat(third.toFloatVector()).containsExactly(111, 222, 333);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("machines")
    void aPushHasReadItsArraysWhenItReturnsAndAPullComesBeforeWhatTheStreamIsGivenLater(Machine machine) {
        SimulatedDriver driver = machine.start();
        try (KVStore kv = open(driver, machine.devices());
                UsersArrays user = new UsersArrays(driver)) {
            kv.setOptimizer(Optimizer.sgd().learningRate(1).build());
            DeviceTensor array = user.put(0, 1, 1, 1);
            for (int round = 1; round <= 3; round++) {
                for (int key = 0; key < 3; key++) {
                    user.set(array, round, 2 * round, 3 * round);
                    kv.push(key, List.of(array));
                    user.set(array, 99, 99, 99); // at once: the store reads it no more
                }
            }
            for (int key = 0; key < 3; key++) {
                kv.pull(key, List.of(array));
                assertThat(user.get(array)).as("key %d", key).containsExactly(-6, -12, -18);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("machines")
    void aPullThatTheStreamHasNotDoneYetIsNotTouchedByTheNextPush(Machine machine) {
        SimulatedDriver driver = machine.start();
        try (KVStore kv = open(driver, machine.devices());
                UsersArrays user = new UsersArrays(driver)) {
            kv.setOptimizer(Optimizer.sgd().learningRate(1).momentum(0.5).build());
            DeviceTensor array = user.put(0, 1, 1, 1);
            for (int key = 0; key < 3; key++) {
                List<DeviceTensor> outs = List.of(user.put(0, 0, 0, 0), user.put(1, 0, 0, 0), user.put(0, 0, 0, 0));
                for (DeviceTensor out : outs) {
                    kv.push(key, List.of(array));
                    kv.pull(key, List.of(out));
                }
                assertThat(user.get(outs.get(0))).containsExactly(-1, -1, -1);
                assertThat(user.get(outs.get(1))).containsExactly(-2.5f, -2.5f, -2.5f);
                assertThat(user.get(outs.get(2))).containsExactly(-4.25f, -4.25f, -4.25f);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("machines")
    void aPushPullFillsTheArraysThatItPushedOrOthers(Machine machine) {
        SimulatedDriver driver = machine.start();
        try (KVStore kv = open(driver, machine.devices());
                UsersArrays user = new UsersArrays(driver)) {
            DeviceTensor first = user.put(0, 1, 2, 3);
            DeviceTensor second = user.put(1, 4, 5, 6);
            INDArray here = of(10, 10, 10);
            kv.pushPull(Key.of(1), List.of(first, second, here));
            assertThat(user.get(first)).containsExactly(15, 17, 19);
            assertThat(user.get(second)).containsExactly(15, 17, 19);
            assertThat(here.toFloatVector()).containsExactly(15, 17, 19);
            kv.async()
                    .handingOver()
                    .pushPull(List.of(1), List.of(here), List.of(first), 0)
                    .toCompletableFuture()
                    .join();
            assertThat(user.get(first)).containsExactly(15, 17, 19);
            kv.async().push(List.of(1), List.of(first), 0).toCompletableFuture().join();
            kv.async()
                    .pull(List.of(1), List.of(second), 0, true)
                    .toCompletableFuture()
                    .join();
            assertThat(user.get(second)).containsExactly(15, 17, 19);
            assertThat(kv.info(Key.of(1)).orElseThrow().version()).isEqualTo(3);
        }
    }

    @ParameterizedTest
    @MethodSource("machines")
    void rulesWithoutAKernelTakeThemToo(Machine machine) {
        SimulatedDriver driver = machine.start();
        try (KVStore kv = open(driver, machine.devices());
                UsersArrays user = new UsersArrays(driver)) {
            DeviceTensor array = user.put(1, 1, 2, 3);
            kv.setUpdater((key, received, stored) -> stored.addi(received).addi(1));
            for (int key = 0; key < 3; key++) {
                kv.push(key, List.of(array));
                kv.push(key, List.of(array));
                DeviceTensor out = user.put(0, 0, 0, 0);
                kv.pull(key, List.of(out));
                assertThat(user.get(out)).containsExactly(4, 6, 8);
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        try (KVStore kv = open(driver, List.of("gpu(0)"));
                UsersArrays user = new UsersArrays(driver)) {
            kv.push(0, of(1, 2, 3));
            DeviceTensor good = user.put(0, 1, 1, 1);
            DeviceTensor far = user.put(1, 1, 1, 1);
            DeviceTensor freed = user.put(0, 1, 1, 1);
            user.free(freed);
            DeviceTensor halves = DeviceTensor.of(0, good.address(), DType.FLOAT16, Shape.of(3), 0);
            DeviceTensor longer = DeviceTensor.of(0, good.address(), DType.FLOAT32, Shape.of(4), 0);
            DeviceTensor odd = DeviceTensor.of(0, good.address() + 2, DType.FLOAT32, Shape.of(3), 0);
            DeviceTensor beyond = DeviceTensor.of(0, good.address() + 4, DType.FLOAT32, Shape.of(3), 0);
            refused(kv, Reason.INVALID_ARGUMENT, far, "given an array on gpu(1)", "[gpu(0)]");
            refused(kv, Reason.INVALID_ARGUMENT, freed, "expects 12 bytes", "there are 0", "freed");
            refused(kv, Reason.INVALID_ARGUMENT, beyond, "expects 12 bytes", "there are 8");
            DeviceTensor perThread = DeviceTensor.of(0, good.address(), DType.FLOAT32, Shape.of(3), 2);
            refused(kv, Reason.INVALID_ARGUMENT, perThread, "per-thread default stream");
            refused(kv, Reason.INVALID_ARGUMENT, odd, "a multiple of 4");
            refused(kv, Reason.DTYPE_MISMATCH, halves, "float32", "float16");
            refused(
                    kv,
                    Reason.SHAPE_MISMATCH,
                    DeviceTensor.of(0, freed.address(), DType.FLOAT32, Shape.of(0), 0),
                    "(3,)");
            refused(kv, Reason.INVALID_ARGUMENT, longer, "expects 16 bytes");
            assertThat(kv.pull(0).toFloatVector()).containsExactly(1, 2, 3);
            assertThat(user.get(good)).containsExactly(1, 1, 1);
        }
    }

    private static void refused(KVStore kv, Reason reason, DeviceTensor array, String... words) {
        refused(reason, () -> kv.push(0, List.of(array)), words);
        refused(reason, () -> kv.pull(0, List.of(array)), words);
    }

    private static void refused(Reason reason, ThrowingCallable call, String... words) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        assertThat(refusal).hasMessageContaining("key 0").hasMessageContainingAll(words);
    }

    @Test
    void storesWithoutGpusRefuseThem() {
        DeviceTensor anywhere = DeviceTensor.of(0, 0x1000, DType.FLOAT32, Shape.of(3), 0);
        for (String type : List.of("local", "device")) {
            try (KVStore kv = KVStore.create(type)) {
                kv.init(0, of(1, 2, 3));
                refused(kv, Reason.UNSUPPORTED, anywhere, "this store has no GPU", "kvstore.devices");
            }
        }
    }
}
