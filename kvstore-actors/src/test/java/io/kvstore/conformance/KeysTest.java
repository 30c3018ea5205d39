package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S23;
import static io.kvstore.conformance.Arrays.S44;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Arrays.out;
import static io.kvstore.conformance.Arrays.outs;
import static io.kvstore.conformance.Bits.assertEachFilled;
import static io.kvstore.conformance.Bits.assertFilled;
import static io.kvstore.conformance.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group G, first part: which keys a call may name. */
class KeysTest {
    @EveryStore
    void G01_aStoreOfOneKindOfKeysRefusesTheOther(Subject subject) {
        Key wrong = new Subject(subject.type(), !subject.named()).key(3);
        try (KVStore kv = subject.open()) {
            kv.init(subject.key(3), ones(S44));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.init(wrong, ones(S44)));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.push(wrong, ones(S44)));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.pull(wrong, out(S44)));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.pull(wrong));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.pushPull(wrong, ones(S44)));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.broadcast(wrong, ones(S44), out(S44)));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.rowSparsePull(wrong, new long[] {0}));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.rowSparsePull(List.of(wrong), List.of(new long[] {0})));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.push(wrong, RowSparse.fromDense(ones(S44))));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.init(wrong, RowSparse.fromDense(ones(S44))));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.init(List.of(wrong), List.of(ones(S44))));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.push(List.of(wrong), List.of(ones(S44))));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.pull(List.of(wrong), List.of(out(S44))));
            refused(Reason.MIXED_KEY_KINDS, wrong, () -> kv.pull(List.of(wrong)));
            assertThat(kv.keys()).containsExactly(subject.key(3));
            assertFilled(kv.pull(subject.key(3)), 1, S44);
        }
    }

    @EveryStore
    void G02_oneCallTakesKeysOfOneKind(Subject subject) {
        List<?> mixed = subject.named() ? List.of("a", 3) : List.of(3, "a");
        try (KVStore kv = subject.open()) {
            refused(Reason.MIXED_KEY_KINDS, () -> kv.init(mixed, onDevices(2, 1, S44)));
            assertThat(kv.keys()).isEmpty();
            kv.init(mixed.subList(0, 1), onDevices(1, 1, S44));
            refused(Reason.MIXED_KEY_KINDS, () -> kv.push(mixed, onDevices(2, 2, S44)));
            refused(Reason.MIXED_KEY_KINDS, () -> kv.pull(mixed, outs(2, S44)));
            refused(Reason.MIXED_KEY_KINDS, () -> kv.pushPull(mixed, onDevices(2, 2, S44)));
            assertEachFilled(kv.pull(mixed.subList(0, 1)), 1, S44);
        }
    }

    @EveryStore
    void G03_thereAreAsManyValuesAsKeys(Subject subject) {
        List<?> keys = subject.keys(5, 7);
        try (KVStore kv = subject.open()) {
            for (int count : new int[] {1, 3}) {
                List<INDArray> values = onDevices(count, 2, S44);
                refused(Reason.INVALID_ARGUMENT, () -> kv.init(keys, values));
                refused(Reason.INVALID_ARGUMENT, () -> kv.broadcast(keys, values, outs(2, S44)));
                refused(Reason.INVALID_ARGUMENT, () -> kv.broadcast(keys, onDevices(2, 2, S44), values));
            }
            assertThat(kv.keys()).isEmpty();
            kv.init(keys, onDevices(2, 1, S44));
            for (int count : new int[] {1, 3}) {
                List<INDArray> values = onDevices(count, 2, S44);
                refused(Reason.INVALID_ARGUMENT, () -> kv.push(keys, values));
                refused(Reason.INVALID_ARGUMENT, () -> kv.pull(keys, values));
                refused(Reason.INVALID_ARGUMENT, () -> kv.pushPull(keys, values));
                refused(Reason.INVALID_ARGUMENT, () -> kv.pushPull(keys, onDevices(2, 2, S44), values));
                assertEachFilled(values, 2, S44);
            }
            assertEachFilled(kv.pull(keys), 1, S44);
        }
    }

    @EveryStore
    void G04_aSecondInitIsRefusedAndTheValueStays(Subject subject) {
        Key key = subject.key(3);
        try (KVStore kv = subject.open()) {
            kv.init(key, ones(S44));
            refused(Reason.ALREADY_INITIALIZED, key, () -> kv.init(key, filled(2, S44)));
            refused(Reason.ALREADY_INITIALIZED, key, () -> kv.init(key, filled(2, S23)));
            refused(Reason.ALREADY_INITIALIZED, key, () -> kv.init(subject.keys(1, 3), onDevices(2, 2, S44)));
            refused(
                    Reason.ALREADY_INITIALIZED,
                    subject.key(4),
                    () -> kv.init(subject.keys(4, 4), onDevices(2, 2, S44)));
            assertThat(kv.keys()).containsExactly(key);
            assertFilled(kv.pull(key), 1, S44);
        }
    }

    @EveryStore
    void G05_anUnknownKeyIsNamedAndCanBeInitialisedLater(Subject subject) {
        Key unknown = subject.key(9);
        try (KVStore kv = subject.open()) {
            refused(Reason.NOT_INITIALIZED, unknown, () -> kv.push(unknown, ones(S44)));
            refused(Reason.NOT_INITIALIZED, unknown, () -> kv.pull(unknown, out(S44)));
            refused(Reason.NOT_INITIALIZED, unknown, () -> kv.pull(unknown));
            refused(Reason.NOT_INITIALIZED, unknown, () -> kv.rowSparsePull(unknown, new long[] {0}));
            refused(Reason.NOT_INITIALIZED, unknown, () -> kv.pushPull(unknown, ones(S44)));
            kv.init(subject.key(3), ones(S44));
            refused(Reason.NOT_INITIALIZED, unknown, () -> kv.push(subject.keys(3, 9), onDevices(2, 2, S44)));
            refused(Reason.NOT_INITIALIZED, unknown, () -> kv.pull(subject.keys(3, 9), outs(2, S44)));
            assertFilled(kv.pull(subject.key(3)), 1, S44);
            kv.init(unknown, filled(5, S44));
            kv.push(unknown, onDevices(4, 2, S44));
            assertFilled(kv.pull(unknown), 8, S44);
        }
    }
}
