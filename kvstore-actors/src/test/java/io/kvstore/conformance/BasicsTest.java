package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S44;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.flat;
import static io.kvstore.conformance.Arrays.forKeys;
import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Arrays.out;
import static io.kvstore.conformance.Arrays.outs;
import static io.kvstore.conformance.Arrays.rowsForKeys;
import static io.kvstore.conformance.Arrays.rowsOnDevices;
import static io.kvstore.conformance.Bits.assertEachFilled;
import static io.kvstore.conformance.Bits.assertFilled;
import static io.kvstore.conformance.Bits.assertValues;
import static io.kvstore.conformance.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group A: one process, its keys and its values. */
class BasicsTest {
    @EveryStore
    void A01_pullGivesTheInitialValue(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, filled(4, S44));
            INDArray out = out(S44);
            kv.pull(key, out);
            assertFilled(out, 4, S44);
            assertFilled(kv.pull(key), 4, S44);
        }
    }

    @EveryStore
    void A02_pushReplacesTheValue(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, filled(0, S44));
            kv.push(key, ones(S44));
            assertFilled(kv.pull(key), 1, S44);
            kv.push(key, filled(5, S44));
            assertFilled(kv.pull(key), 5, S44);
        }
    }

    /** Once the value is dense, once row-sparse from the start. */
    @EveryStore
    void A03_aRowSparsePushIsPulledDense(Subject subject) {
        try (KVStore kv = subject.open()) {
            kv.init(subject.keys(3, 5), List.of(filled(0, S44), RowSparse.zeros(DataType.FLOAT, S44)));
            for (int key : new int[] {3, 5}) {
                kv.push(subject.key(key), RowSparse.fromDense(ones(S44)));
                INDArray out = out(S44);
                kv.pull(subject.key(key), out);
                assertFilled(out, 1, S44);
                kv.push(subject.key(key), RowSparse.of(S44, new long[] {2}, filled(3, 1, 4)));
                assertValues(
                        kv.pull(subject.key(key)), new float[] {0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 3, 3, 0, 0, 0, 0}, S44);
            }
        }
    }

    @EveryStore
    void A04_rowSparseListsOfKeysArePushedAndPulledByPosition(Subject subject) {
        for (int[] numbers : new int[][] {{5, 7, 11}, {5, 7, 9}}) {
            try (KVStore kv = subject.open()) {
                List<?> keys = subject.keys(numbers);
                kv.init(keys, List.of(filled(0, S44), RowSparse.zeros(DataType.FLOAT, S44), filled(0, S44)));
                kv.push(keys, rowsOnDevices(3, 4, S44));
                List<INDArray> outs = outs(3, S44);
                kv.pull(keys, outs);
                assertEachFilled(outs, 4, S44);
            }
        }
    }

    @EveryStore
    void A04_listsOfKeysArePushedAndPulledByPosition(Subject subject) {
        for (int[] numbers : new int[][] {{5, 7, 11}, {5, 7, 9}}) {
            try (KVStore kv = subject.open()) {
                List<?> keys = subject.keys(numbers);
                kv.init(keys, onDevices(3, 0, S44));
                kv.push(keys, onDevices(3, 4, S44));
                List<INDArray> outs = outs(3, S44);
                kv.pull(keys, outs);
                assertEachFilled(outs, 4, S44);
                assertEachFilled(kv.pull(keys), 4, S44);
            }
        }
    }

    @EveryStore
    void A05_arraysOfFourDevicesAreSummedAndEveryOutputFilled(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(3);
            kv.init(key, filled(0, S44));
            kv.push(key, onDevices(4, 1, S44));
            List<INDArray> outs = outs(4, S44);
            kv.pull(key, outs);
            assertEachFilled(outs, 4, S44);
        }
    }

    @EveryStore
    void A06_listsOfDeviceListsReplaceAndDoNotAccumulate(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(5, 7, 11);
            kv.init(keys, onDevices(3, 4, S44));
            kv.push(keys, forKeys(3, 4, 2, S44));
            List<List<INDArray>> outs = forKeys(3, 4, -1, S44);
            kv.pull(keys, outs);
            assertEachFilled(flat(outs), 8, S44);
        }
    }

    @EveryStore
    void A07_rowSparseArraysOfDevicesAreSummed(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(5, 7, 11);
            kv.init(
                    keys,
                    List.of(RowSparse.fromDense(ones(S44)), filled(4, S44), RowSparse.zeros(DataType.FLOAT, S44)));
            for (int devices : new int[] {1, 4}) {
                kv.push(subject.key(5), rowsOnDevices(devices, 1, S44));
                List<INDArray> outs = outs(4, S44);
                kv.pull(subject.key(5), outs);
                assertEachFilled(outs, devices, S44);
                kv.push(keys, rowsForKeys(3, devices, 2, S44));
                List<List<INDArray>> lists = forKeys(3, 4, -1, S44);
                kv.pull(keys, lists);
                assertEachFilled(flat(lists), 2 * devices, S44);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local_allreduce_cpu", "local_update_cpu", "local_allreduce_device", "local", "device"})
    void A08_theTypeIsTheOneAskedFor(String type) {
        try (KVStore kv = KVStore.create(type)) {
            assertThat(kv.type()).isEqualTo(type);
        }
    }

    @EveryStore
    void A09_aKeyCanBeInitialisedAfterAPushToAnother(Subject subject) {
        try (KVStore kv = subject.open()) {
            kv.init(subject.key(1), filled(0, S44));
            kv.push(subject.key(1), onDevices(4, 1, S44));
            assertFilled(kv.pull(subject.key(1)), 4, S44);
            kv.init(subject.key(2), filled(0, S44));
            assertFilled(kv.pull(subject.key(2)), 0, S44);
        }
    }

    @Test
    void A10_theDefaultTypeIsLocal() {
        try (KVStore kv = KVStore.create()) {
            assertThat(kv.type()).isEqualTo("local");
        }
    }

    @Test
    void A11_theTypeIsLowerCased() {
        try (KVStore kv = KVStore.create("Device")) {
            assertThat(kv.type()).isEqualTo("device");
        }
    }

    @Test
    void A12_aTypeThatIsNoStringIsRefused() {
        refused(Reason.UNKNOWN_TYPE, () -> KVStore.create(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void A13_oneWorkerHasRankZeroAndWaitsForNobody(String type) {
        try (KVStore kv = KVStore.create(type)) {
            assertThat(kv.rank()).isZero();
            assertThat(kv.numWorkers()).isEqualTo(1);
            Assertions.assertTimeoutPreemptively(Duration.ofSeconds(5), kv::barrier);
        }
    }
}
