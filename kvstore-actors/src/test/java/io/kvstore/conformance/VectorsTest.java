package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.outs;
import static io.kvstore.conformance.Bits.assertValues;

import io.kvstore.KVStore;
import io.kvstore.Key;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Group C: MXNet's C++ example, vectors of four. */
class VectorsTest {
    private static final float[] FIRST = {0, 233, -0.12f, 9};
    private static final float[] PUSHED = {0.1f, -2, -4.4f, 0};
    private static final float[] LEFT = {0, 2, -3.12f, 4};
    private static final float[] RIGHT = {0.8f, -2, 6.6f, 77};

    private static INDArray vector(float... values) {
        return Nd4j.createFromArray(values);
    }

    @EveryStore
    void C01_aVectorIsStoredAndReplacedBitByBit(Subject subject) {
        try (KVStore kv = subject.open()) {
            Key key = subject.key(0);
            kv.init(key, vector(FIRST));
            assertValues(kv.pull(key), FIRST);
            kv.push(key, vector(PUSHED));
            assertValues(kv.pull(key), PUSHED);
        }
    }

    @EveryStore
    void C02_twoKeysKeepTheirOwnVectors(Subject subject) {
        try (KVStore kv = subject.open()) {
            List<?> keys = subject.keys(0, 1);
            kv.init(keys, List.of(vector(LEFT), vector(RIGHT)));
            List<INDArray> pulled = kv.pull(keys);
            assertValues(pulled.get(0), LEFT);
            assertValues(pulled.get(1), RIGHT);
        }
    }

    @EveryStore
    void C04_keysComeInAnyOrderAndInterleaved(Subject subject) {
        try (KVStore kv = subject.open()) {
            kv.init(subject.keys(1, 0), List.of(vector(RIGHT), vector(LEFT)));
            assertValues(kv.pull(subject.key(0)), LEFT);
            List<?> keys = subject.keys(1, 0, 1);
            kv.push(keys, List.of(vector(1, 2, 3, 4), vector(5, 6, 7, 8), vector(10, 20, 30, 40)));
            List<INDArray> outs = outs(3, 4);
            kv.pull(keys, outs);
            assertValues(outs.get(0), new float[] {11, 22, 33, 44});
            assertValues(outs.get(1), new float[] {5, 6, 7, 8});
            assertValues(outs.get(2), new float[] {11, 22, 33, 44});
        }
    }
}
