package io.kvstore.examples.benchmarks.mxnet;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.List;

/**
 * Integer keys and the arrays of their devices in the memory layout that MXNet reads, so that a call needs no conversion.
 * The arrays stay the caller's and must live as long as the batch is used.
 */
public final class MxBatch {
    private final int count;
    private final Memory keys;
    private final Memory arrays;

    private MxBatch(int count) {
        this.count = count;
        keys = new Memory((long) Integer.BYTES * count);
        arrays = new Memory((long) Native.POINTER_SIZE * count);
    }

    /**
     * Key {@code i} stands for {@code arrays.get(i)}.
     *
     * @param arrays for each key its arrays, one per device
     */
    public static MxBatch of(List<List<MxArray>> arrays) {
        MxBatch batch = new MxBatch(arrays.stream().mapToInt(List::size).sum());
        int position = 0;
        for (int key = 0; key < arrays.size(); key++) {
            for (MxArray array : arrays.get(key)) {
                batch.keys.setInt((long) Integer.BYTES * position, key);
                batch.arrays.setPointer((long) Native.POINTER_SIZE * position, array.handle());
                position++;
            }
        }
        return batch;
    }

    int count() {
        return count;
    }

    long keys() {
        return Pointer.nativeValue(keys);
    }

    long arrays() {
        return Pointer.nativeValue(arrays);
    }
}
