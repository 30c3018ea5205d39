package io.kvstore.conformance;

import io.kvstore.RowSparse;
import java.util.List;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Shapes and arrays of the cases; each call makes new arrays. */
final class Arrays {
    static final long[] S44 = {4, 4};
    static final long[] S23 = {2, 3};
    static final long[] BIG = {1200, 1200};

    /** What an output holds before it is filled, so that one that was not filled shows. */
    private static final float UNTOUCHED = -77;

    private Arrays() {}

    static INDArray filled(double value, long... shape) {
        return Nd4j.valueArrayOf(shape, value, DataType.FLOAT);
    }

    static INDArray ones(long... shape) {
        return filled(1, shape);
    }

    /** An array per device. */
    static List<INDArray> onDevices(int devices, double value, long... shape) {
        return Stream.generate(() -> filled(value, shape)).limit(devices).toList();
    }

    /** The same per-device arrays, anew for each of several keys. */
    static List<List<INDArray>> forKeys(int keys, int devices, double value, long... shape) {
        return Stream.generate(() -> onDevices(devices, value, shape))
                .limit(keys)
                .toList();
    }

    /** As {@link #onDevices}, each with every row given. */
    static List<RowSparse> rowsOnDevices(int devices, double value, long... shape) {
        return onDevices(devices, value, shape).stream()
                .map(RowSparse::fromDense)
                .toList();
    }

    /** As {@link #forKeys}, each with every row given. */
    static List<List<RowSparse>> rowsForKeys(int keys, int devices, double value, long... shape) {
        return Stream.generate(() -> rowsOnDevices(devices, value, shape))
                .limit(keys)
                .toList();
    }

    static INDArray out(long... shape) {
        return filled(UNTOUCHED, shape);
    }

    static List<INDArray> outs(int count, long... shape) {
        return onDevices(count, UNTOUCHED, shape);
    }

    static List<INDArray> flat(List<List<INDArray>> lists) {
        return lists.stream().flatMap(List::stream).toList();
    }
}
