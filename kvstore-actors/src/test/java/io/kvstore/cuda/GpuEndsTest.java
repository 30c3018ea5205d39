package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStore;
import io.kvstore.KVStoreBuilder;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Key;
import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.session.LocalStores;
import io.kvstore.tensor.DeviceTensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

/** What is under way on (simulated) GPUs when a store is closed, a caller stops waiting, or a key is deleted. */
class GpuEndsTest {
    private static final Duration LATE = Duration.ofMillis(2);
    private static final int PUSHES = 12;

    private static void awaitVersion(KVStore kv, long version) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (kv.info(Key.of("w")).orElseThrow().version() < version) {
            assertThat(System.nanoTime()).as("20 s for version %d", version).isLessThan(end);
            LockSupport.parkNanos(LATE.toNanos());
        }
    }

    private static void check(SimulatedDriver driver) {
        driver.close();
        assertThat(driver.faults()).isEmpty();
        assertThat(driver.leaks()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anActorSystemThatEndsWhileGpusAreAtWorkAnswersEverybodyAndGivesAllMemoryBack(long seed) {
        SimulatedDriver driver =
                SimulatedDriver.builder().gpus(2).seed(seed).slow(LATE).start();
        ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "ends");
        List<CompletionStage<?>> open = new ArrayList<>();
        try (UsersArrays user = new UsersArrays(driver)) {
            KVStore kv = new LocalStores()
                    .create(
                            "device",
                            KVStore.builder().system(system).cudaDriver(driver).devices("gpu(0)", "gpu(1)"));
            kv.setOptimizer(Optimizer.adam().build());
            for (int key = 0; key < 6; key++) {
                kv.init(key, Nd4j.zeros(9000));
                kv.push(key, Nd4j.ones(9000));
            }
            for (int key = 0; key < 6; key++) {
                DeviceTensor array = user.put(key % 2, new float[9000]);
                open.add(kv.async().push(List.of(key), List.of(List.of(Nd4j.ones(9000), Nd4j.ones(9000))), 0));
                open.add(kv.async().pull(List.of(key), List.of(array), 0, true));
                open.add(kv.async().pull(Key.of(key)));
            }
            LockSupport.parkNanos(seed * LATE.toNanos()); // each time another piece of the work
            system.terminate();
            assertThat(system.getWhenTerminated()).as("the end of the system").succeedsWithin(20, TimeUnit.SECONDS);
            for (CompletionStage<?> call : open) {
                assertThat(call.handle((done, failure) -> true)).as("an answer").succeedsWithin(20, TimeUnit.SECONDS);
            }
        }
        check(driver);
    }

    /** The driver, whose GPUs pin no memory. */
    private static CudaDriver withoutPinnedMemory(SimulatedDriver driver) {
        InvocationHandler gpu = new InvocationHandler() {
            private final Gpu own = driver.open(0);

            @Override
            public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
                if (method.getName().equals("allocatePinned")) {
                    throw new CudaException(CudaException.Kind.OUT_OF_MEMORY, 2, "CUDA_ERROR_OUT_OF_MEMORY", "pinning");
                }
                return method.invoke(own, arguments);
            }
        };
        return new CudaDriver() {
            @Override
            public String version() {
                return driver.version();
            }

            @Override
            public List<GpuInfo> gpus() {
                return driver.gpus();
            }

            @Override
            public Gpu open(int ordinal) {
                return (Gpu) Proxy.newProxyInstance(Gpu.class.getClassLoader(), new Class<?>[] {Gpu.class}, gpu);
            }
        };
    }

    @Test
    void aGpuThatCannotBePreparedIsClosedAndHostDevicesTakeItsPlace() {
        SimulatedDriver driver = SimulatedDriver.of(1, 1);
        KVStoreBuilder builder = KVStore.builder().cudaDriver(withoutPinnedMemory(driver));
        try (KVStore kv = new LocalStores().create("device", builder.devices("gpu(0)"))) {
            kv.init("w", Nd4j.zeros(3));
            kv.push("w", Nd4j.ones(3));
            assertThat(kv.pull("w").toFloatVector()).containsOnly(1);
            assertThat(kv.stats().devices().get(0).name()).isEqualTo("cpu(0)");
        }
        check(driver);
    }

    @Test
    void anArrayIsNotReadAfterItsOwnerHasStoppedWaiting() {
        SimulatedDriver driver = SimulatedDriver.builder()
                .gpus(2)
                .withoutPeers()
                .seed(4)
                .slow(Duration.ofMillis(15))
                .start();
        KVStoreBuilder builder = KVStore.builder()
                .patience(Duration.ofMillis(400))
                .set("gpu.staging-bytes", "64 KiB") // so that the far array takes long
                .cudaDriver(driver)
                .devices("gpu(0)", "gpu(1)");
        KVStore kv = new LocalStores().create("device", builder);
        try (UsersArrays user = new UsersArrays(driver)) {
            int length = 100_000;
            kv.init("w", Nd4j.zeros(length)); // on gpu(0)
            kv.init("warm", Nd4j.zeros(1));
            kv.push("warm", List.of(user.put(1, 1)));
            DeviceTensor near = user.put(0, new float[length]);
            DeviceTensor far = user.put(1, new float[length]);
            assertThatThrownBy(() -> kv.push("w", List.of(near, far))).isInstanceOf(KVStoreTimeoutException.class);
            user.free(near);
            assertThatThrownBy(kv::close).hasMessageContaining("no longer lends its array");
        }
        check(driver);
    }

    @Test
    void anArrayIsNotFilledAfterItsOwnerHasStoppedWaiting() {
        SimulatedDriver driver =
                SimulatedDriver.builder().seed(4).slow(Duration.ofMillis(15)).start();
        KVStore kv = new LocalStores()
                .create(
                        "device",
                        KVStore.builder()
                                .patience(Duration.ofMillis(300))
                                .cudaDriver(driver)
                                .devices("gpu(0)"));
        try (UsersArrays user = new UsersArrays(driver)) {
            kv.init("w", Nd4j.zeros(3));
            DeviceTensor out = user.put(0, 7, 7, 7);
            for (int i = 0; i < PUSHES; i++) {
                kv.push("w", Nd4j.ones(3));
            }
            assertThatThrownBy(() -> kv.pull("w", List.of(out))).isInstanceOf(KVStoreTimeoutException.class);
            user.set(out, 5, 5, 5);
            awaitVersion(kv, PUSHES);
            kv.pull("w"); // comes after the one that was given up
            assertThat(user.get(out)).containsExactly(5, 5, 5);
            kv.close();
        }
        check(driver);
    }
}
