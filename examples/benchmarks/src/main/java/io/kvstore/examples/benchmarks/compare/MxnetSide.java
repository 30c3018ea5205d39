package io.kvstore.examples.benchmarks.compare;

import com.sun.jna.Memory;
import io.kvstore.examples.benchmarks.mxnet.MxArray;
import io.kvstore.examples.benchmarks.mxnet.MxBatch;
import io.kvstore.examples.benchmarks.mxnet.MxKVStore;
import io.kvstore.examples.benchmarks.mxnet.MxType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** MXNet's store. What a distributed one is and where the others are, MXNet reads from {@code DMLC_...} variables. */
final class MxnetSide implements Side {
    /** The command to servers that makes them run gradient descent; 0 is what MXNet's Python sends. */
    static final int SET_OPTIMIZER = 0;

    private final MxKVStore store;
    private final List<List<MxArray>> pushed;
    private final List<List<MxArray>> pulled;
    private final MxBatch pushes;
    private final MxBatch pulls;
    private final Memory scratch;

    MxnetSide(Work work) {
        store = MxKVStore.create(work.type());
        pushed = arrays(work);
        pulled = arrays(work);
        pushes = MxBatch.of(pushed);
        pulls = MxBatch.of(pulled);
        scratch = new Memory((long) Float.BYTES * work.arrays().longest());
        for (int key = 0; key < pushed.size(); key++) {
            store.init(key, pushed.get(key).get(0));
        }
        if (work.sgd()) {
            setSgd(work);
        }
        MxArray.waitForAll();
    }

    private void setSgd(Work work) {
        if (!work.distributed()) {
            store.setSgd(Values.LEARNING_RATE);
            return;
        }
        if (store.rank() == 0) {
            store.sendCommandToServers(SET_OPTIMIZER, Double.toString(Values.LEARNING_RATE));
        }
        store.barrier();
    }

    private static List<List<MxArray>> arrays(Work work) {
        List<List<MxArray>> arrays = new ArrayList<>();
        for (int length : work.arrays().lengths()) {
            arrays.add(IntStream.range(0, work.devices())
                    .mapToObj(device -> MxArray.zeros(device, MxType.FLOAT32, length))
                    .toList());
        }
        return arrays;
    }

    @Override
    public void write(int key, int device, float[] values) {
        MxArray array = pushed.get(key).get(device);
        scratch.write(0, values, 0, array.size());
        array.set(scratch);
    }

    @Override
    public void read(int key, int device, float[] values) {
        float[] read = pulled.get(key).get(device).toFloats();
        System.arraycopy(read, 0, values, 0, read.length);
    }

    @Override
    public void push() {
        store.push(pushes);
    }

    @Override
    public void pull() {
        store.pull(pulls);
        MxArray.waitForAll();
    }

    @Override
    public void pushPull() {
        store.pushPull(pushes, pulls);
        MxArray.waitForAll();
    }

    @Override
    public void barrier() {
        store.barrier();
    }

    @Override
    public void close() {
        store.close();
        pushed.forEach(devices -> devices.forEach(MxArray::close));
        pulled.forEach(devices -> devices.forEach(MxArray::close));
    }
}
