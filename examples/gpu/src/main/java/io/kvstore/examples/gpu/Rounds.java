package io.kvstore.examples.gpu;

import io.kvstore.Key;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Rounds over many keys: every logical device pushes a gradient to each key, the sum becomes the value, and every device gets
 * it into an array of its own.
 */
final class Rounds {
    private static final int WARM = 5;

    private final List<Integer> lengths;
    private final int count;

    /** @param count rounds that are measured */
    Rounds(List<Integer> lengths, int count) {
        this.lengths = lengths;
        this.count = count;
    }

    /** What a program has: gradients, and arrays for what it pulls. */
    interface Arrays extends AutoCloseable {
        /** One round; ends when all outputs are filled. */
        void pushAndPull(Store store);

        /** What an output holds, to be checked. */
        DenseTensor out(int key, int device);

        @Override
        void close();
    }

    /** The byte that fills a device's gradients: four of them are a small float. */
    static byte gradientByte(int device) {
        return (byte) (0x3c + device);
    }

    static float gradient(int device) {
        return Float.intBitsToFloat(gradientByte(device) * 0x01010101);
    }

    /** The median time of a round in milliseconds, on a new store; every output is checked. */
    double millis(Store store, Arrays arrays, int devices) {
        for (int key = 0; key < lengths.size(); key++) {
            store.init(Key.of(key), Samples.filled(0, Shape.of(lengths.get(key))));
        }
        double[] millis = new double[count];
        for (int round = -WARM; round < count; round++) {
            long begin = System.nanoTime();
            arrays.pushAndPull(store);
            if (round >= 0) {
                millis[round] = (System.nanoTime() - begin) / 1e6;
            }
        }
        check(arrays, devices);
        java.util.Arrays.sort(millis);
        return millis[count / 2];
    }

    private void check(Arrays arrays, int devices) {
        DenseTensor sum = Samples.sum(IntStream.range(0, devices)
                .mapToObj(device -> Samples.filled(gradient(device), Shape.of(1)))
                .toList());
        for (int key = 0; key < lengths.size(); key++) {
            DenseTensor expected = Samples.filled(sum.floats()[0], Shape.of(lengths.get(key)));
            for (int device = 0; device < devices; device++) {
                Expect.equal(expected, arrays.out(key, device), "output " + device + " of key " + key);
            }
        }
    }
}
