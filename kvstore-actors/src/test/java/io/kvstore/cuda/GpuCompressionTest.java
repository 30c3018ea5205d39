package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.StoreThread;
import io.kvstore.compression.GradientCompression;
import io.kvstore.cuda.sim.SimulatedDriver;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradient compression of arrays on (simulated) GPUs, beside that of the same arrays on the host. */
@Timeout(60)
class GpuCompressionTest {
    private static final long SEED = 23;
    private static final int LENGTH = 101;
    private static final int HOST = -1;
    private static final GradientCompression TWO_BITS = GradientCompression.twoBit(0.5);

    static Stream<Arguments> compressionsAndMachines() {
        return Stream.of(GradientCompression.oneBit(0.1), TWO_BITS)
                .flatMap(compression -> Stream.of(true, false).map(peers -> Arguments.of(compression, peers)));
    }

    private static KVStore open(SimulatedDriver driver, GradientCompression compression) {
        return withKeys(
                SimulatedStores.open(driver, KVStore.builder(), List.of("gpu(0)", "gpu(1)", "cpu(0)")), compression);
    }

    private static KVStore openOnHost(GradientCompression compression) {
        return withKeys(KVStore.create("device"), compression);
    }

    private static KVStore withKeys(KVStore kv, GradientCompression compression) {
        kv.setGradientCompression(compression);
        for (int key = 0; key < 3; key++) { // one on each device
            kv.init(key, Nd4j.zeros(LENGTH));
        }
        return kv;
    }

    private static float[] gradient(Random random) {
        float[] values = new float[LENGTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() / 2;
        }
        return values;
    }

    private static Object array(UsersArrays user, int place, float[] values) {
        return place == HOST ? Nd4j.createFromArray(values) : user.put(place, values);
    }

    private static void push(KVStore kv, int key, Object... arrays) {
        kv.push(key, List.of(arrays));
    }

    private static void assertSame(KVStore kv, KVStore host, String what) {
        for (int key = 0; key < 3; key++) {
            assertThat(kv.pull(key).toFloatVector())
                    .as("%s, key %d, seed %d", what, key, SEED)
                    .containsExactly(host.pull(key).toFloatVector());
        }
    }

    @ParameterizedTest
    @MethodSource("compressionsAndMachines")
    void whatArrivesHasTheHostsBitsWhereverTheArraysLieFromPushToPush(GradientCompression compression, boolean peers) {
        SimulatedDriver.Builder driver =
                SimulatedDriver.builder().gpus(2).seed(SEED).slow(Duration.ofMillis(1));
        SimulatedDriver machine = peers ? driver.start() : driver.withoutPeers().start();
        Random random = new Random(SEED);
        try (KVStore host = openOnHost(compression);
                KVStore kv = open(machine, compression);
                UsersArrays user = new UsersArrays(machine)) {
            int[][] places = {{0, 1, HOST}, {0, 1, HOST}, {1, HOST, 0}, {HOST, 0}, {0, 0, 1}};
            for (int[] round : places) {
                for (int key = 0; key < 3; key++) {
                    List<Object> here = new ArrayList<>();
                    List<Object> there = new ArrayList<>();
                    for (int place : round) {
                        float[] values = gradient(random);
                        here.add(Nd4j.createFromArray(values));
                        there.add(array(user, place, values));
                    }
                    host.push(key, here);
                    kv.push(key, there);
                }
                assertSame(
                        kv,
                        host,
                        compression + " of arrays at " + List.of(places).indexOf(round));
            }
        }
    }

    @Test
    void aPushHasReadItsArraysWhenItReturnsInEveryForm() {
        SimulatedDriver driver = SimulatedDriver.builder()
                .gpus(2)
                .seed(SEED)
                .slow(Duration.ofMillis(1))
                .start();
        try (KVStore kv = open(driver, TWO_BITS);
                UsersArrays user = new UsersArrays(driver)) {
            float[] half = new float[LENGTH];
            Arrays.fill(half, 0.3f);
            DeviceTensor array = user.put(1, half);
            kv.push(List.of(0, 1, 2), List.of(array, array, array));
            user.set(array, new float[LENGTH]);
            kv.push(List.of(0, 1, 2), List.of(array, array, array));
            assertThat(kv.pull(2).toFloatVector()).as("0.3 is less than 0.5").containsOnly(0);
            user.set(array, half);
            kv.async()
                    .handingOver()
                    .push(List.of(0, 1, 2), List.of(array, array, array), 0)
                    .toCompletableFuture()
                    .join();
            assertThat(kv.pull(2).toFloatVector()).as("0.6 is not").containsOnly(0.5f);
            DeviceTensor out = user.put(0, new float[LENGTH]);
            user.set(array, half);
            kv.pushPull(Key.of(2), List.of(array), List.of(out));
            assertThat(user.get(out)).as("0.4 is").containsOnly(0);
        }
    }

    @Test
    void aValueThatIsNotFiniteIsRefusedAndNoKeyAndNoResidualChanges() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        Random random = new Random(SEED);
        try (KVStore host = openOnHost(TWO_BITS);
                KVStore kv = open(driver, TWO_BITS);
                UsersArrays user = new UsersArrays(driver)) {
            for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                float[] values = gradient(random);
                DeviceTensor good = user.put(0, values);
                float[] spoilt = values.clone();
                spoilt[LENGTH - 1] = wrong;
                DeviceTensor bad = user.put(1, spoilt);
                refused(
                        Reason.INVALID_ARGUMENT,
                        () -> kv.push(List.of(0, 1, 1), List.of(good, good, bad)),
                        "key 1",
                        "2bit",
                        "finite",
                        bad.toString());
                push(kv, 0, good);
                push(host, 0, Nd4j.createFromArray(values));
                assertSame(kv, host, "after " + wrong);
            }
        }
    }

    @Test
    void arraysAreTheCallersAgainWhenAPushIsRefused() {
        SimulatedDriver driver = SimulatedDriver.builder()
                .gpus(2)
                .seed(SEED)
                .slow(Duration.ofMillis(5))
                .start();
        try (KVStore kv = open(driver, TWO_BITS);
                UsersArrays user = new UsersArrays(driver)) {
            for (int round = 0; round < 5; round++) {
                DeviceTensor good = user.put(1, new float[LENGTH]);
                float[] spoilt = new float[LENGTH];
                spoilt[round] = Float.NaN;
                DeviceTensor first = user.put(0, spoilt);
                refused(Reason.INVALID_ARGUMENT, () -> push(kv, 0, first, good), "finite", first.toString());
                user.free(good);
                user.free(first);
                assertThat(driver.faults()).as("round %d", round).isEmpty();
            }
        }
    }

    private static void refused(Reason reason, ThrowingCallable call, String... words) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        assertThat(refusal).hasMessageContainingAll(words);
    }

    @Test
    void otherCompressionsTakeArraysOfTheHostOnly() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        try (KVStore kv = open(driver, GradientCompression.fp16());
                UsersArrays user = new UsersArrays(driver)) {
            DeviceTensor array = user.put(0, new float[LENGTH]);
            refused(
                    Reason.UNSUPPORTED,
                    () -> push(kv, 0, array),
                    "key 0",
                    "fp16",
                    "arrays of the host",
                    "1bit and 2bit");
            kv.setGradientCompression(GradientCompression.topK(0.5));
            refused(
                    Reason.UNSUPPORTED,
                    () -> push(kv, 0, array),
                    "key 0",
                    "topk",
                    "arrays of the host",
                    "1bit and 2bit");
            kv.setGradientCompression(GradientCompression.none());
            push(kv, 0, array);
        }
    }

    @Test
    void aStoresOwnThreadIsRefusedBeforeItWaits() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        try (KVStore kv = open(driver, TWO_BITS);
                UsersArrays user = new UsersArrays(driver)) {
            DeviceTensor array = user.put(0, new float[LENGTH]);
            Throwable failure = kv.async()
                    .push(List.of(0), List.of(array), 0)
                    .thenComposeAsync(
                            done -> kv.async().handingOver().push(List.of(0), List.of(array), 0), StoreThread::run)
                    .handle((done, thrown) -> thrown)
                    .toCompletableFuture()
                    .join();
            refused(
                    Reason.WOULD_DEADLOCK,
                    () -> {
                        throw failure instanceof CompletionException ? failure.getCause() : failure;
                    },
                    "key 0",
                    "packed it");
        }
    }

    @Test
    void whatAPushLeavesIsGivenUpWithItsKeyAndItsCompression() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        try (KVStore kv = open(driver, TWO_BITS);
                UsersArrays user = new UsersArrays(driver)) {
            float[] third = new float[LENGTH];
            Arrays.fill(third, 0.3f);
            DeviceTensor array = user.put(0, third);
            kv.pull(0);
            long before = kv.stats().liveBytes();
            push(kv, 0, array);
            kv.delete(Key.of(0));
            kv.init(0, Nd4j.zeros(LENGTH));
            push(kv, 0, array);
            assertThat(kv.pull(0).toFloatVector())
                    .as("0.3 alone is less than 0.5")
                    .containsOnly(0);
            kv.setGradientCompression(GradientCompression.none());
            kv.setGradientCompression(TWO_BITS);
            push(kv, 0, array);
            assertThat(kv.pull(0).toFloatVector()).containsOnly(0);
            push(kv, 0, array);
            assertThat(kv.pull(0).toFloatVector()).as("0.6 is not").containsOnly(0.5f);
            assertThat(kv.stats().liveBytes()).as("a residual is held").isGreaterThan(before);
        }
    }

    @Test
    void aPushThatTheGpuDoesNotPackChangesNothing() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        Random random = new Random(SEED);
        try (KVStore host = openOnHost(TWO_BITS);
                KVStore kv = open(driver, TWO_BITS);
                UsersArrays user = new UsersArrays(driver)) {
            for (int launches = 0; launches < 4; launches++) { // the check of either array, then the packing of either
                float[] values = gradient(random);
                DeviceTensor array = user.put(0, values);
                driver.gpu(0).failLaunches(launches, 1);
                refused(Reason.DEVICE_FAILED, () -> push(kv, 2, array, array), "key 2", "nothing was pushed");
                push(kv, 2, array, array);
                INDArray here = Nd4j.createFromArray(values);
                push(host, 2, here, here);
                assertSame(kv, host, "after launch " + launches + " failed");
            }
        }
    }

    @Test
    void aLostGpuCostsWhatWasLeftThereAndTheRefusalSaysHowToGoOn() {
        SimulatedDriver driver = SimulatedDriver.of(2, SEED);
        Gpu first = driver.open(0);
        Gpu second = driver.open(1);
        DeviceTensor near = fifths(first);
        DeviceTensor far = fifths(second);
        try (KVStore kv = open(driver, TWO_BITS)) {
            push(kv, 2, near);
            driver.gpu(0).lose();
            refused(Reason.DEVICE_LOST, () -> push(kv, 2, near), "key 2");
            refused(Reason.DEVICE_LOST, () -> push(kv, 2, far), "key 2", "set gradient compression to none");
            kv.setGradientCompression(GradientCompression.none());
            kv.setGradientCompression(TWO_BITS);
            push(kv, 2, far);
            push(kv, 2, far);
            assertThat(kv.pull(2).toFloatVector()).as("what was left is gone").containsOnly(0);
            push(kv, 2, far);
            assertThat(kv.pull(2).toFloatVector()).containsOnly(0.5f);
            second.free(far.address());
            first.close();
            second.close();
        }
    }

    /** An array whose elements are all 0.18579. */
    private static DeviceTensor fifths(Gpu gpu) {
        DeviceTensor array =
                DeviceTensor.of(gpu.info().ordinal(), gpu.allocate(4 * LENGTH), DType.FLOAT32, Shape.of(LENGTH), 7);
        gpu.streamOf(7).fill(array.address(), (byte) 0x3e, 4 * LENGTH);
        return array;
    }
}
