package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S44;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.flat;
import static io.kvstore.conformance.Arrays.forKeys;
import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Arrays.out;
import static io.kvstore.conformance.Arrays.outs;
import static io.kvstore.conformance.Bits.assertEachFilled;
import static io.kvstore.conformance.Bits.assertFilled;
import static io.kvstore.conformance.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreProvider;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group D: broadcast, push-and-pull, and stores of a user's own. */
class BroadcastTest {
    static Stream<Subject> allAndUsersOwn() {
        return Stream.concat(Subject.all(), Stream.of(new Subject("teststore", false), new Subject("teststore", true)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("allAndUsersOwn")
    void D01_broadcastFillsEveryOutput(Subject subject) {
        try (KVStore kv = subject.open()) {
            INDArray one = out(S44);
            kv.broadcast(subject.key(1), ones(S44), one);
            assertFilled(one, 1, S44);
            for (int count : new int[] {2, 3}) {
                List<INDArray> outs = outs(count, S44);
                kv.broadcast(subject.key(count), ones(S44), outs);
                assertEachFilled(outs, 1, S44);
            }
            List<INDArray> single = outs(3, S44);
            kv.broadcast(subject.keys(5, 7, 9), onDevices(3, 1, S44), single);
            assertEachFilled(single, 1, S44);
            List<List<INDArray>> several = forKeys(3, 2, -1, S44);
            kv.broadcast(subject.keys(15, 17, 19), onDevices(3, 1, S44), several);
            assertEachFilled(flat(several), 1, S44);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("allAndUsersOwn")
    void D02_pushPullGivesTheSumToEveryOutput(Subject subject) {
        try (KVStore kv = subject.open()) {
            kv.broadcast(subject.key(1), filled(0, S44), out(S44));
            List<INDArray> outs = outs(4, S44);
            kv.pushPull(subject.key(1), onDevices(4, 1, S44), outs);
            assertEachFilled(outs, 4, S44);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("allAndUsersOwn")
    void D03_pushPullWithoutOutputsFillsItsInputs(Subject subject) {
        try (KVStore kv = subject.open()) {
            kv.broadcast(subject.key(1), filled(0, S44), out(S44));
            List<INDArray> values = onDevices(4, 1, S44);
            kv.pushPull(subject.key(1), values);
            assertEachFilled(values, 4, S44);
        }
    }

    @Test
    void D05_aUsersStoreDecidesItsOwnRules() {
        try (KVStore kv = KVStore.create("teststore")) {
            kv.broadcast(1, ones(S44), out(S44));
            INDArray again = out(S44);
            kv.broadcast(1, ones(S44), again);
            assertFilled(again, 1, S44);
            List<INDArray> outs = outs(2, S44);
            kv.pushPull(1, onDevices(2, 1, S44), outs);
            assertEachFilled(outs, 2, S44);
            kv.pushPull(1, outs);
            assertEachFilled(outs, 4, S44);
        }
    }

    @Test
    void D06_aUsersStoreOffersOnlyWhatItImplements() {
        try (KVStore kv = KVStore.create("teststore")) {
            assertThat(kv.type()).isEqualTo("teststore");
            assertThat(kv.isCapable("optimizer")).isFalse();
            assertThat(refused(
                            Reason.UNSUPPORTED,
                            () -> kv.setOptimizer(Optimizer.sgd().build())))
                    .hasMessageContaining("teststore")
                    .hasMessageContaining("setOptimizer");
        }
    }

    @EveryStore
    void D07_aSecondBroadcastOfAKeyIsRefused(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(1);
            kv.broadcast(key, ones(S44), out(S44));
            INDArray out = filled(5, S44);
            refused(Reason.ALREADY_INITIALIZED, key, () -> kv.broadcast(key, filled(2, S44), out));
            assertFilled(out, 5, S44);
            assertFilled(kv.pull(key), 1, S44);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("allAndUsersOwn")
    void D08_anUnknownCapabilityIsRefused(Subject subject) {
        try (KVStore kv = subject.open()) {
            assertThat(refused(Reason.INVALID_ARGUMENT, () -> kv.isCapable("xyz")))
                    .hasMessageContaining("'xyz'");
        }
    }

    @Test
    void D09_aUsersStoreIsFoundByNameAndARivalIsRefused(@TempDir Path classPath) throws IOException {
        try (KVStore kv = KVStore.create("TestStore")) {
            assertThat(kv).isInstanceOf(TestStore.class);
        }
        withProvider(RivalTestStores.class, classPath, () -> {
            KVStoreException refusal = refused(Reason.INVALID_CONFIGURATION, () -> KVStore.create("teststore"));
            assertThat(refusal)
                    .hasMessageContaining("'teststore'")
                    .hasMessageContaining(TestStores.class.getName())
                    .hasMessageContaining(RivalTestStores.class.getName());
            TestStore chosen = new TestStore();
            KVStoreProvider provider = new RivalTestStores(chosen);
            assertThat(KVStore.builder().type("teststore").provider(provider).build())
                    .isSameAs(chosen);
        });
    }

    /** Runs {@code body} as if {@code provider} were registered on the class path as well. */
    private static void withProvider(Class<? extends KVStoreProvider> provider, Path classPath, Runnable body)
            throws IOException {
        Path services = Files.createDirectories(classPath.resolve("META-INF/services"));
        Files.writeString(services.resolve(KVStoreProvider.class.getName()), provider.getName());
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try (URLClassLoader extended =
                new URLClassLoader(new URL[] {classPath.toUri().toURL()}, before)) {
            Thread.currentThread().setContextClassLoader(extended);
            body.run();
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }
}
