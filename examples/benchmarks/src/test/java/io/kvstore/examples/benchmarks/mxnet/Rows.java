package io.kvstore.examples.benchmarks.mxnet;

import io.kvstore.RowSparse;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A row-sparse float32 value, for both stores.
 *
 * @param shape of the whole value
 * @param ids sorted, unique
 * @param rows the values of these rows, one row after the other
 */
record Rows(int[] shape, long[] ids, float[] rows) {

    /** Each row with the given chance, none at all included. */
    static Rows random(Random random, double chance, int... shape) {
        long[] ids = LongStream.range(0, shape[0])
                .filter(id -> random.nextDouble() < chance)
                .toArray();
        int length = Arrays.stream(shape).skip(1).reduce(1, Math::multiplyExact);
        float[] rows = new float[ids.length * length];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = 4 * random.nextFloat() - 2;
        }
        return new Rows(shape, ids, rows);
    }

    RowSparse toOurs() {
        long[] extents = Arrays.stream(shape).asLongStream().toArray();
        if (ids.length == 0) {
            return RowSparse.zeros(DataType.FLOAT, extents);
        }
        long[] rowsShape = extents.clone();
        rowsShape[0] = ids.length;
        return RowSparse.of(extents, ids, Nd4j.createFromArray(rows).reshape(rowsShape));
    }

    MxArray toMx(int device) {
        return MxArray.rowSparse(device, ids, rows, shape);
    }
}
