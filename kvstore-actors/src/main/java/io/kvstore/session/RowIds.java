package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Row ids as users give them. */
final class RowIds {
    private RowIds() {}

    /**
     * The ids of a {@code long[]}, an {@code int[]} or an integer array of any shape, in its order.
     *
     * @throws KVStoreException if it is anything else; floating ids among them, which are not exact from 2^24 on
     */
    static long[] of(Object given) {
        if (given instanceof long[] ids) {
            return ids;
        }
        if (given instanceof int[] ids) {
            return Arrays.stream(ids).asLongStream().toArray();
        }
        if (!(given instanceof INDArray array)) {
            throw unfit(given == null ? "null" : given.getClass().getName());
        }
        if (!array.wasClosed() && !array.dataType().isIntType()) {
            throw unfit("an INDArray of type " + array.dataType());
        }
        DenseTensor ids = Tensor.copyOf(array);
        long[] wide = new long[ids.length()];
        Casts.convert(ids.dtype(), ids.data(), 0, DType.INT64, wide, 0, wide.length);
        return wide;
    }

    private static KVStoreException unfit(String given) {
        return new KVStoreException(
                Reason.INVALID_ARGUMENT,
                "row ids must be a long[], an int[] or an INDArray of an integer type, given " + given
                        + "; the rows come back in new values, there are no outputs");
    }
}
