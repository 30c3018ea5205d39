package io.kvstore.cluster.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.RowSparse;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Arrays of the cases, and comparisons bit by bit. */
public final class Values {
    static final long[] S23 = {2, 3};
    static final long[] BIG = {1200, 1200};
    static final long[] IRR = {1211, 1211};

    private Values() {}

    public static INDArray filled(double value, long... shape) {
        return filled(DataType.FLOAT, value, shape);
    }

    public static INDArray filled(DataType type, double value, long... shape) {
        return Nd4j.valueArrayOf(shape, value, type);
    }

    /** {@code actual} has {@code expected} everywhere. */
    public static void assertFilled(INDArray actual, double expected) {
        DenseTensor given = Tensor.copyOf(actual);
        assertThat(given).isEqualTo(Tensor.copyOf(filled(actual.dataType(), expected, actual.shape())));
    }

    static void assertEqual(INDArray actual, INDArray expected) {
        assertThat(Tensor.copyOf(actual)).isEqualTo(Tensor.copyOf(expected));
    }

    /** A row-sparse value of float32 rows, each filled with one number. */
    static RowSparse rows(long[] shape, long[] ids, double value) {
        return rows(DataType.FLOAT, shape, ids, value);
    }

    /** A row-sparse value whose rows are each filled with one number. */
    static RowSparse rows(DataType type, long[] shape, long[] ids, double value) {
        return RowSparse.of(shape, ids, filled(type, value, ids.length, shape[1]));
    }

    /** The rows of a value have these numbers, each in all of its columns, and no others are given. */
    static void assertRows(RowSparse actual, long[] ids, double... values) {
        assertThat(actual.ids()).containsExactly(ids);
        INDArray rows = actual.rows();
        IntStream.range(0, ids.length).forEach(i -> assertFilled(rows.getRow(i).dup('c'), values[i]));
    }

    static long[] allRows(long rows) {
        return LongStream.range(0, rows).toArray();
    }
}
