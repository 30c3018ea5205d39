package io.kvstore.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.RowSparse;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Compares an array's type, shape and elements bit by bit; {@code INDArray.equals} lets small differences pass. */
final class Bits {
    private Bits() {}

    /** {@code actual} holds these float32 values; without extents as a vector. */
    static void assertValues(INDArray actual, float[] expected, long... shape) {
        assertThat(Tensor.copyOf(actual)).isEqualTo(DenseTensor.of(expected, shape));
    }

    /** {@code actual} is a float32 array of {@code shape} with {@code expected} everywhere. */
    static void assertFilled(INDArray actual, float expected, long... shape) {
        float[] values = new float[(int) Shape.of(shape).length()];
        Arrays.fill(values, expected);
        assertValues(actual, values, shape);
    }

    /** {@code actual} is of shape {@code shape} and gives exactly the rows {@code ids}, with these values. */
    static void assertRows(RowSparse actual, long[] shape, long[] ids, INDArray rows) {
        assertThat(actual.shape()).containsExactly(shape);
        assertThat(actual.ids()).containsExactly(ids);
        assertThat(Tensor.copyOf(actual.rows())).isEqualTo(Tensor.copyOf(rows));
    }

    /** As {@link #assertFilled}, of every array. */
    static void assertEachFilled(List<INDArray> actual, float expected, long... shape) {
        assertThat(actual).isNotEmpty();
        actual.forEach(array -> assertFilled(array, expected, shape));
    }
}
