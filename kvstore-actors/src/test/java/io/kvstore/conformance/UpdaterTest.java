package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S44;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.forKeys;
import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Arrays.rowsForKeys;
import static io.kvstore.conformance.Bits.assertEachFilled;
import static io.kvstore.conformance.Bits.assertFilled;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.RowSparse;
import io.kvstore.Updater;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group E: updaters, and sums of random gradients. */
class UpdaterTest {
    private static final Updater SUM = (key, received, stored) -> stored.addi(received);
    private static final long[][] SHAPES = {{4, 4}, {100, 100}, {2000, 2000}};
    private static final List<Integer> KEYS = List.of(3, 5, 7);
    private static final int DEVICES = 4;
    private static final int ROUNDS = 10;

    @EveryStore
    void E01_anUpdaterAddsTheSumOfFourDevices(Subject subject) {
        try (KVStore kv = subject.open()) {
            kv.init(subject.key(3), filled(0, S44));
            kv.setUpdater(SUM);
            kv.push(subject.key(3), onDevices(4, 1, S44));
            assertFilled(kv.pull(subject.key(3)), 4, S44);
        }
    }

    @EveryStore
    void E01_anUpdaterAddsTheRowSparseSumOfFourDevices(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(3, 5);
            kv.init(keys, List.of(filled(0, S44), RowSparse.zeros(DataType.FLOAT, S44)));
            kv.setUpdater(SUM);
            kv.push(keys, rowsForKeys(2, 4, 1, S44));
            assertEachFilled(kv.pull(keys), 4, S44);
            assertFilled(
                    kv.rowSparsePull(subject.key(5), new long[] {0, 1, 2, 3}).toDense(), 4, S44);
        }
    }

    @EveryStore
    void E02_anUpdaterAccumulatesFourRowSparsePushesToEachOfSeveralKeys(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(5, 7, 9);
            kv.init(keys, List.of(filled(0, S44), RowSparse.zeros(DataType.FLOAT, S44), filled(0, S44)));
            kv.setUpdater(SUM);
            for (int push = 0; push < 4; push++) {
                kv.push(keys, rowsForKeys(3, 4, 1, S44));
            }
            assertEachFilled(kv.pull(keys), 16, S44);
        }
    }

    @EveryStore
    void E02_anUpdaterAccumulatesFourPushesToEachOfSeveralKeys(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(5, 7, 9);
            kv.init(keys, onDevices(3, 0, S44));
            kv.setUpdater(SUM);
            for (int push = 0; push < 4; push++) {
                kv.push(keys, forKeys(3, 4, 1, S44));
            }
            assertEachFilled(kv.pull(keys), 16, S44);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void E03_theUpdaterGetsTheKeyAsTheUserWroteIt(String type) {
        assertThat(keysSeenByUpdater(type, 3)).containsExactly(Key.of(3));
        assertThat(keysSeenByUpdater(type, "3")).containsExactly(Key.of("3"));
    }

    private static Queue<Key> keysSeenByUpdater(String type, Object key) {
        Queue<Key> seen = new ConcurrentLinkedQueue<>();
        try (KVStore kv = KVStore.create(type)) {
            kv.init(List.of(key), List.of(ones(S44)));
            kv.setUpdater((given, received, stored) -> seen.add(given));
            kv.push(List.of(key), List.of(ones(S44)));
        }
        return seen;
    }

    /** Even rounds push key by key, odd ones all keys in one call. */
    @ParameterizedTest
    @ValueSource(strings = {"local_update_cpu", "local_allreduce_cpu", "local_allreduce_device"})
    void E04_tenRoundsOfRandomGradientsAddUpToAMillionth(String type) {
        tenRounds(
                type, List.of(filled(0, SHAPES[0]), filled(0, SHAPES[1]), filled(0, SHAPES[2])), gradient -> gradient);
    }

    @ParameterizedTest
    @ValueSource(strings = {"local_update_cpu", "local_allreduce_cpu", "local_allreduce_device"})
    void E04_tenRoundsOfRandomRowSparseGradientsAddUpToAMillionth(String type) {
        List<RowSparse> zeros = Stream.of(SHAPES)
                .map(shape -> RowSparse.zeros(DataType.FLOAT, shape))
                .toList();
        tenRounds(type, zeros, RowSparse::fromDense);
    }

    private static void tenRounds(String type, List<?> values, Function<INDArray, ?> form) {
        RandomGradients random = new RandomGradients(41, DEVICES * ROUNDS, 2000 * 2000);
        try (KVStore kv = KVStore.create(type)) {
            kv.setUpdater((key, received, stored) -> stored.addi(received.mul(0.1)));
            kv.init(KEYS, values);
            for (int round = 0; round < ROUNDS; round++) {
                push(kv, gradients(random, round, form), round % 2 == 1);
            }
            for (Integer key : KEYS) {
                INDArray pulled = kv.pull(key);
                double[] expected = new double[(int) pulled.length()];
                random.addTo(expected, 0, ROUNDS * DEVICES, 0.1);
                assertThat(RandomGradients.relativeError(pulled, expected))
                        .as("key %d, %s", key, random)
                        .isLessThan(1e-6);
            }
        }
    }

    private static List<List<?>> gradients(RandomGradients random, int round, Function<INDArray, ?> form) {
        List<List<?>> gradients = new ArrayList<>();
        for (long[] shape : SHAPES) {
            gradients.add(random.arrays(round * DEVICES, DEVICES, shape).stream()
                    .map(form)
                    .toList());
        }
        return gradients;
    }

    private static void push(KVStore kv, List<List<?>> gradients, boolean grouped) {
        if (grouped) {
            kv.push(KEYS, gradients);
            return;
        }
        for (int k = 0; k < KEYS.size(); k++) {
            kv.push(KEYS.get(k), gradients.get(k));
        }
    }

    @EveryStore
    void E11_withoutOptimizerThePulledValueIsTheSumOfAllGradients(Subject subject) {
        RandomGradients random = new RandomGradients(43, 2 * DEVICES, 300 * 200);
        try (KVStore kv = subject.open()) {
            kv.init(subject.key(0), filled(9, 300, 200));
            for (int round = 0; round < 2; round++) {
                kv.push(subject.key(0), random.arrays(round * DEVICES, DEVICES, 300, 200));
                double[] expected = new double[300 * 200];
                random.addTo(expected, round * DEVICES, DEVICES, kv.numWorkers());
                assertThat(RandomGradients.relativeError(kv.pull(subject.key(0)), expected))
                        .as("round %d of %s", round, random)
                        .isLessThan(1e-4);
            }
        }
    }
}
