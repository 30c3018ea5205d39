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
import io.kvstore.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** A (simulated) GPU without memory, one that starts no kernel, one that is lost: refusals, and the store goes on. */
class GpuFailuresTest {
    private static final long SEED = 5;
    private static final Optimizer MOMENTUM =
            Optimizer.sgd().learningRate(1).momentum(0.5).build();

    private static KVStore open(SimulatedDriver driver, String... devices) {
        return SimulatedStores.open(driver, KVStore.builder(), List.of(devices));
    }

    private static INDArray of(float... values) {
        return Nd4j.createFromArray(values);
    }

    private static KVStoreException refused(Reason reason, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).as("a refusal").isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    @Test
    void withoutMemoryAPushIsRefusedAndTheValueKept() {
        SimulatedDriver driver =
                SimulatedDriver.builder().memory(40 << 10).seed(SEED).start();
        try (KVStore kv = open(driver, "gpu(0)")) {
            kv.setOptimizer(MOMENTUM);
            kv.init("small", Nd4j.zeros(100));
            kv.init("large", Nd4j.zeros(8000));
            kv.push("small", Nd4j.ones(100));
            KVStoreException refusal = refused(Reason.OUT_OF_MEMORY, () -> pushed(kv, "large", Nd4j.ones(8000)));
            assertThat(refusal)
                    .hasMessageContaining("key 'large'")
                    .hasMessageContaining("32000 bytes on gpu(0)")
                    .hasMessageContaining("the value was kept");
            assertThat(kv.pull("large").sumNumber().floatValue()).isZero();
            kv.push("small", Nd4j.ones(100)); // w = -1, then v = -1.5
            assertThat(kv.pull("small").toFloatVector()).containsOnly(-2.5f);
            kv.delete(Key.of("large"));
            kv.init("other", Nd4j.zeros(1000));
            kv.push("other", Nd4j.ones(1000));
            assertThat(kv.pull("other").toFloatVector()).containsOnly(-1);
            assertThat(kv.stats().devices().get(0).liveBytes()).isEqualTo(8 * 1100);
        }
    }

    private static void pushed(KVStore kv, String key, INDArray gradient) {
        kv.push(key, gradient);
        kv.flush();
    }

    @Test
    void aKernelThatDoesNotStartRefusesThatPushAlone() {
        SimulatedDriver driver = SimulatedDriver.of(1, SEED);
        try (KVStore kv = open(driver, "gpu(0)")) {
            kv.setOptimizer(MOMENTUM);
            kv.init("w", Nd4j.zeros(10));
            kv.push("w", Nd4j.ones(10)); // v = -1
            kv.flush();
            driver.gpu(0).failLaunches(0, 1);
            assertThat(refused(Reason.DEVICE_FAILED, () -> pushed(kv, "w", Nd4j.ones(10))))
                    .hasMessageContaining("key 'w'")
                    .hasMessageContaining("on gpu(0)")
                    .hasMessageContaining("the value was kept");
            assertThat(kv.pull("w").toFloatVector()).containsOnly(-1);
            kv.push("w", Nd4j.ones(10)); // v = -1.5
            assertThat(kv.pull("w").toFloatVector()).containsOnly(-2.5f);
        }
    }

    @Test
    void aLostGpusKeysGoOnFromWhatTheHostHas() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        try (KVStore kv = open(driver, "gpu(0)", "gpu(1)")) {
            kv.setOptimizer(Optimizer.sgd().learningRate(1).build());
            for (String key : List.of("pulled", "there", "alone")) { // one after the other, each to its place
                kv.init(key, Nd4j.zeros(10));
                kv.push(key, Nd4j.ones(10));
            }
            kv.flush();
            assertThat(kv.info(Key.of("pulled")).orElseThrow().device()).isEqualTo("gpu(0)");
            assertThat(kv.info(Key.of("there")).orElseThrow().device()).isEqualTo("gpu(1)");
            assertThat(kv.info(Key.of("alone")).orElseThrow().device()).isEqualTo("gpu(0)");
            kv.pull("pulled");
            driver.gpu(0).lose();

            kv.push("there", Nd4j.ones(10));
            assertThat(kv.pull("there").toFloatVector()).as("another GPU's key").containsOnly(-2);
            assertThat(kv.pull("pulled").toFloatVector())
                    .as("the copy on the host")
                    .containsOnly(-1);
            KVStoreException lost = refused(Reason.DEVICE_LOST, () -> kv.pull("alone"));
            assertThat(lost)
                    .hasMessageContaining("key 'alone'")
                    .hasMessageContaining("delete the key and init it again");
            refused(Reason.DEVICE_LOST, () -> pushed(kv, "alone", Nd4j.ones(10)));
            kv.push("pulled", Nd4j.ones(10));
            assertThat(kv.pull("pulled").toFloatVector()).as("on the host now").containsOnly(-2);

            kv.delete(Key.of("alone"));
            kv.init("alone", Nd4j.ones(10));
            assertThat(kv.info(Key.of("alone")).orElseThrow().device())
                    .as("a GPU that works")
                    .isEqualTo("gpu(1)");
            kv.push("alone", Nd4j.ones(10));
            assertThat(kv.pull("alone").toFloatVector()).containsOnly(0);
            assertThat(kv.stats().devices().get(0).model()).contains("lost");
        }
    }

    @Test
    void statesOfALostGpuAreLoadedAgain(@TempDir Path folder) {
        SimulatedDriver driver = SimulatedDriver.of(1, SEED);
        try (KVStore kv = open(driver, "gpu(0)")) {
            kv.setOptimizer(MOMENTUM);
            kv.init("w", Nd4j.zeros(10));
            kv.push("w", Nd4j.ones(10)); // v = -1
            kv.saveOptimizerStates(folder.resolve("states"), false);
            kv.pull("w");
            driver.gpu(0).lose();
            assertThat(refused(Reason.DEVICE_LOST, () -> pushed(kv, "w", Nd4j.ones(10))))
                    .hasMessageContaining("load the states");
            kv.loadOptimizerStates(folder.resolve("states"));
            kv.push("w", Nd4j.ones(10)); // v = -1.5
            assertThat(kv.pull("w").toFloatVector()).containsOnly(-2.5f);
        }
    }

    @Test
    void whereverInARoundAGpuIsLostEveryCallEndsAndTheOtherGoesOn() {
        for (int operations = 0; operations < 60; operations++) {
            SimulatedDriver driver =
                    SimulatedDriver.builder().gpus(2).seed(operations).start();
            Random random = new Random(operations);
            try (KVStore kv = open(driver, "gpu(0)", "gpu(1)")) {
                kv.setOptimizer(MOMENTUM);
                kv.init(0, Nd4j.zeros(2000));
                kv.init(1, Nd4j.zeros(2000));
                driver.gpu(0).loseAfter(operations);
                for (int round = 1; round <= 4; round++) {
                    int lost = random.nextInt(3);
                    lostOrDone(() -> kv.pushPull(
                            Key.of(0), List.of(Nd4j.ones(2000), Nd4j.ones(2000)), List.of(Nd4j.zeros(2000))));
                    lostOrDone(() -> kv.push(0, Nd4j.ones(2000)));
                    if (lost == 0) {
                        lostOrDone(() -> kv.pull(0));
                    }
                    kv.push(1, Nd4j.ones(2000));
                }
                lostOrDone(kv::flush);
                float[] expected = Tensor.copyOf(kv.pull(1)).floats();
                assertThat(expected).as("after %d operations", operations).containsOnly(-6.125f);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {24, 32, 38}) // five keys with states need 40
    void inScarceMemoryEveryPushIsCarriedOutAsAWholeOrNotAtAll(int kibibytes) {
        SimulatedDriver driver = SimulatedDriver.builder()
                .memory(kibibytes << 10)
                .seed(kibibytes)
                .start();
        try (KVStore kv = open(driver, "gpu(0)", "gpu(0)")) {
            kv.setOptimizer(Optimizer.sgd().learningRate(1).momentum(1).build());
            List<Integer> keys = List.of(0, 1, 2, 3, 4);
            keys.forEach(key -> kv.init(key, Nd4j.zeros(1000)));
            INDArray gradient = Nd4j.ones(1000);
            int[] done = new int[keys.size()];
            int refused = 0;
            for (int round = 0; round < 6; round++) {
                List<CompletableFuture<Void>> pushes = new ArrayList<>();
                keys.forEach(key -> pushes.add(kv.async()
                        .push(List.of(key), List.of(List.of(gradient, gradient)), 0)
                        .toCompletableFuture()));
                for (int key : keys) {
                    try {
                        pushes.get(key).get(20, TimeUnit.SECONDS);
                        done[key]++;
                    } catch (ExecutionException e) {
                        assertThat(e.getCause()).hasMessageContaining("the value was kept");
                        refused++;
                    } catch (InterruptedException | TimeoutException e) {
                        throw new AssertionError("no answer for key " + key, e);
                    }
                }
            }
            assertThat(refused).as("refused with %d KiB", kibibytes).isPositive();
            assertThat(done[0] + done[1] + done[2] + done[3] + done[4])
                    .as("carried out")
                    .isPositive();
            for (int key : keys) { // the states grow by 2 with each
                float expected = -done[key] * (done[key] + 1);
                assertThat(kv.pull(key).toFloatVector()).as("key %d", key).containsOnly(expected);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whereverAGpuIsLostCallsWithArraysOnAnotherEnd(boolean peers) {
        for (int operations = 0; operations < 60; operations += 2) {
            SimulatedDriver.Builder builder = SimulatedDriver.builder().gpus(2).seed(operations);
            SimulatedDriver driver =
                    peers ? builder.start() : builder.withoutPeers().start();
            Gpu here = driver.open(1);
            long address = here.allocate(8000);
            DeviceTensor array = DeviceTensor.of(1, address, DType.FLOAT32, Shape.of(2000), 7);
            long other = here.allocate(8000);
            DeviceTensor out = DeviceTensor.of(1, other, DType.FLOAT32, Shape.of(2000), 7);
            here.streamOf(7).fill(address, (byte) 0, 8000);
            driver.gpu(0).loseAfter(operations);
            try (KVStore kv = open(driver, "gpu(0)", "gpu(1)")) {
                kv.setOptimizer(MOMENTUM);
                kv.init(0, Nd4j.zeros(2000));
                kv.init(1, Nd4j.zeros(2000));
                for (int round = 0; round < 3; round++) {
                    lostOrDone(() -> kv.push(0, List.of(array, Nd4j.ones(2000))));
                    lostOrDone(() -> kv.pull(0, List.of(out)));
                    lostOrDone(() -> kv.pushPull(Key.of(0), List.of(array), List.of(out, Nd4j.zeros(2000))));
                    kv.push(1, List.of(Nd4j.ones(2000)));
                    kv.pull(1, List.of(out));
                }
                lostOrDone(kv::flush);
                assertThat(kv.pull(1).toFloatVector())
                        .as("after %d operations", operations)
                        .containsOnly(-4.25f);
                here.free(address);
                finish(here);
                here.free(other);
                here.close();
            }
        }
    }

    @Test
    void whereverAGpuWithArraysIsLostTheKeysOfAnotherGoOn() {
        for (int operations = 0; operations < 40; operations++) {
            SimulatedDriver driver =
                    SimulatedDriver.builder().gpus(2).seed(operations).start();
            Gpu far = driver.open(1);
            DeviceTensor array = DeviceTensor.of(1, far.allocate(40), DType.FLOAT32, Shape.of(10), 7);
            DeviceTensor out = DeviceTensor.of(1, far.allocate(40), DType.FLOAT32, Shape.of(10), 7);
            far.streamOf(7).fill(array.address(), (byte) 0, 40);
            finish(far);
            try (KVStore kv = open(driver, "gpu(0)", "gpu(1)")) {
                kv.init("w", Nd4j.zeros(10)); // on gpu(0)
                driver.gpu(1).loseAfter(operations);
                for (int round = 0; round < 6; round++) {
                    lostOrDone(() -> kv.push("w", List.of(array, Nd4j.ones(10))));
                    lostOrDone(() -> kv.pull("w", List.of(out)));
                }
                lostOrDone(kv::flush);
                driver.gpu(1).lose();
                kv.push("w", Nd4j.ones(10).mul(2));
                assertThat(kv.pull("w").toFloatVector())
                        .as("after %d operations", operations)
                        .containsOnly(2);
                assertThat(kv.stats().devices().get(0).model()).doesNotContain("lost");
                far.close();
            }
        }
    }

    /** Waits for the program's own stream. */
    private static void finish(Gpu gpu) {
        try (GpuEvent event = gpu.newEvent()) {
            gpu.streamOf(7).record(event);
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (!event.isDone()) {
                assertThat(System.nanoTime()).as("20 s for a stream").isLessThan(end);
                Thread.onSpinWait();
            }
        }
    }

    private static void lostOrDone(Runnable call) {
        try {
            call.run();
        } catch (KVStoreException e) {
            assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.DEVICE_LOST);
        }
    }
}
