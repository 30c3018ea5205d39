package io.kvstore.examples.benchmarks.scaling;

import io.kvstore.KVStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What one worker pushes and where it pulls to. */
final class Worker {
    private final List<Integer> keys;
    private final List<INDArray> gradients = new ArrayList<>();
    private final List<INDArray> outs = new ArrayList<>();

    /** @param value of every gradient's elements */
    Worker(int keys, int floats, float value) {
        this.keys = IntStream.range(0, keys).boxed().toList();
        for (int key = 0; key < keys; key++) {
            gradients.add(Nd4j.valueArrayOf(new long[] {floats}, value, DataType.FLOAT));
            outs.add(Nd4j.zeros(DataType.FLOAT, floats));
        }
    }

    void init(KVStore kv) {
        kv.init(keys, gradients);
    }

    void round(KVStore kv) {
        kv.push(keys, gradients);
        kv.pull(keys, outs);
    }

    /** @throws IllegalStateException unless every pulled element is {@code expected} */
    void check(float expected) {
        for (INDArray out : outs) {
            float[] pulled = out.toFloatVector();
            for (float element : pulled) {
                if (element != expected) {
                    throw new IllegalStateException("expected " + expected + ", pulled " + element);
                }
            }
        }
    }

    static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
