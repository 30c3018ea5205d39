package io.kvstore.conformance;

import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Random gradients in [-1, 1) that overlap in one seeded row of numbers, so that large ones are cheap. */
final class RandomGradients {
    private static final int APART = 7919;

    private final long seed;
    private final float[] numbers;
    private final INDArray array;

    /** {@code count} gradients of at most {@code length} elements. */
    RandomGradients(long seed, int count, int length) {
        this.seed = seed;
        SplittableRandom random = new SplittableRandom(seed);
        numbers = new float[length + count * APART];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) random.nextInt(-(1 << 23), 1 << 23) / (1 << 23);
        }
        array = Nd4j.createFromArray(numbers);
    }

    /** The gradients {@code first} to {@code first + count - 1}, one per device. */
    List<INDArray> arrays(int first, int count, long... shape) {
        List<INDArray> arrays = new ArrayList<>(count);
        for (int i = first; i < first + count; i++) {
            long length = java.util.Arrays.stream(shape).reduce(1, Math::multiplyExact);
            long from = (long) i * APART;
            arrays.add(array.get(NDArrayIndex.interval(from, from + length)).reshape('c', shape));
        }
        return arrays;
    }

    /** Adds {@code factor} times the sum of the same gradients to {@code target}. */
    void addTo(double[] target, int first, int count, double factor) {
        for (int i = first; i < first + count; i++) {
            for (int j = 0; j < target.length; j++) {
                target[j] += factor * numbers[i * APART + j];
            }
        }
    }

    /** The sum of the differences relative to the sum of what was expected, both by amount. */
    static double relativeError(INDArray actual, double[] expected) {
        float[] values = Tensor.copyOf(actual).floats();
        double difference = 0;
        double total = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.abs(values[i] - expected[i]);
            total += Math.abs(expected[i]);
        }
        return difference / total;
    }

    @Override
    public String toString() {
        return "random gradients of seed " + seed;
    }
}
