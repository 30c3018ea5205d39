package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.BIG;
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
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group G, second part: which values a call may carry, and whose they are. */
class ValuesTest {
    private static final long[] S22 = {2, 2};
    private static final long[] S32 = {3, 2};

    @EveryStore
    void G06_aPushOfAnotherShapeIsRefused(Subject subject) {
        Key key = subject.key(3);
        try (KVStore kv = subject.open()) {
            kv.init(key, ones(S23));
            for (long[] other : new long[][] {S44, S32, {6}, {1, 2, 3}}) {
                refused(Reason.SHAPE_MISMATCH, key, () -> kv.push(key, onDevices(2, 2, other)));
                refused(Reason.SHAPE_MISMATCH, key, () -> kv.push(key, List.of(filled(2, S23), filled(2, other))));
                refused(Reason.SHAPE_MISMATCH, key, () -> kv.push(key, filled(2, other)));
                refused(Reason.SHAPE_MISMATCH, key, () -> kv.pushPull(key, filled(2, other), out(S23)));
            }
            assertFilled(kv.pull(key), 1, S23);
            assertThat(kv.info(key).orElseThrow().version()).isZero();
        }
    }

    @EveryStore
    void G07_anOutputMayHaveAnotherTypeButNotAnotherShape(Subject subject) {
        Key key = subject.key(3);
        try (KVStore kv = subject.open()) {
            kv.init(key, filled(0.1, S22));
            for (long[] other : new long[][] {S44, {4}, {1, 2, 2}}) {
                INDArray fitting = filled(5, S22);
                INDArray misfit = filled(5, other);
                refused(Reason.SHAPE_MISMATCH, key, () -> kv.pull(key, misfit));
                refused(Reason.SHAPE_MISMATCH, key, () -> kv.pull(key, List.of(fitting, misfit)));
                refused(Reason.SHAPE_MISMATCH, key, () -> kv.pull(List.of(key), List.of(misfit)));
                assertFilled(misfit, 5, other);
                assertFilled(fitting, 5, S22);
            }
            INDArray wide = out(S22).castTo(DataType.DOUBLE);
            INDArray half = out(S22).castTo(DataType.FLOAT16);
            kv.pull(key, List.of(wide, half));
            double exact = 0.1f;
            assertThat(Tensor.copyOf(wide)).isEqualTo(DenseTensor.of(new double[] {exact, exact, exact, exact}, S22));
            assertThat(half.dataType()).isEqualTo(DataType.FLOAT16);
            assertFilled(half.castTo(DataType.FLOAT), 0x1.998p-4f, S22);
        }
    }

    @EveryStore
    void G08_thePushedArrayIsTheCallersAgain(Subject subject) {
        try (KVStore kv = subject.open()) {
            for (long[] shape : new long[][] {S44, BIG}) {
                Key key = subject.key((int) shape[0]);
                kv.init(key, filled(0, shape));
                INDArray gradient = ones(shape);
                kv.push(key, gradient);
                gradient.assign(7);
                assertFilled(kv.pull(key), 1, shape);
                kv.pull(key).assign(9);
                assertFilled(kv.pull(key), 1, shape);
            }
        }
    }

    @EveryStore
    void G09_priorityNeverChangesAResult(Subject subject) {
        List<?> keys = subject.keys(5, 7);
        try (KVStore kv = subject.open()) {
            kv.broadcast(keys, onDevices(2, 1, S44), outs(2, S44), -1);
            kv.setUpdater((key, received, stored) -> stored.muli(2).addi(received));
            float expected = 1;
            for (int priority : new int[] {-3, 5, 0, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                kv.push(keys, onDevices(2, 1, S44), priority);
                kv.push(subject.key(5), ones(S44), -priority);
                kv.push(subject.key(7), onDevices(1, 1, S44), priority + 1);
                expected = 2 * (2 * expected + 1) + 1;
                List<INDArray> outs = outs(2, S44);
                kv.pull(keys, outs, priority);
                assertEachFilled(outs, expected, S44);
                kv.pushPull(keys, onDevices(2, 3, S44), outs, -priority);
                expected = 2 * expected + 3;
                assertEachFilled(outs, expected, S44);
            }
        }
    }
}
