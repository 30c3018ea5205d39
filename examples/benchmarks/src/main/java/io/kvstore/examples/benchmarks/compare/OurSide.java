package io.kvstore.examples.benchmarks.compare;

import io.kvstore.KVStore;
import io.kvstore.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The store of this project. Where its servers are, a distributed one learns from the environment. */
final class OurSide implements Side {
    private final KVStore store;
    private final List<Integer> keys;
    private final List<List<INDArray>> pushed;
    private final List<List<INDArray>> pulled;

    OurSide(Work work) {
        store = KVStore.create(work.type());
        keys = IntStream.range(0, work.arrays().size()).boxed().toList();
        pushed = arrays(work);
        pulled = arrays(work);
        store.init(keys, pushed.stream().map(devices -> devices.get(0)).toList());
        if (work.sgd()) {
            store.setOptimizer(
                    Optimizer.sgd().learningRate(Values.LEARNING_RATE).build());
        }
    }

    private static List<List<INDArray>> arrays(Work work) {
        List<List<INDArray>> arrays = new ArrayList<>();
        for (int length : work.arrays().lengths()) {
            arrays.add(IntStream.range(0, work.devices())
                    .mapToObj(device -> Nd4j.zeros(DataType.FLOAT, length))
                    .toList());
        }
        return arrays;
    }

    @Override
    public void write(int key, int device, float[] values) {
        INDArray array = pushed.get(key).get(device);
        array.data().asNioFloat().put(values, 0, (int) array.length());
    }

    @Override
    public void read(int key, int device, float[] values) {
        INDArray array = pulled.get(key).get(device);
        array.data().asNioFloat().get(values, 0, (int) array.length());
    }

    @Override
    public void push() {
        store.push(keys, pushed);
    }

    @Override
    public void pull() {
        store.pull(keys, pulled);
    }

    @Override
    public void pushPull() {
        store.pushPull(keys, pushed, pulled);
    }

    @Override
    public void barrier() {
        store.barrier();
    }

    @Override
    public void close() {
        store.close();
    }
}
