package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class TensorBytesTest {
    private static final int ROWS = 300;
    private static final int COLUMNS = 40;

    private final Random random = new Random(20261125);

    private static byte[] bytes(Dense tensor, int from, int count, ByteOrder order) {
        byte[] bytes = new byte[3 + count * tensor.dtype().bytes()];
        ByteBuffer target = ByteBuffer.wrap(bytes).order(order).position(3);
        TensorBytes.put(tensor, from, count, target);
        assertThat(target.hasRemaining()).isFalse();
        return bytes;
    }

    /** In one piece of memory, not so, and as a copy; however its bytes are wanted. */
    @ParameterizedTest
    @EnumSource
    void sliceOfALentArrayGivesTheBytesOfItsLogicalValue(DType dtype) {
        DenseTensor value = Values.random(dtype, random, ROWS, COLUMNS);
        INDArray array = NdView.newArray(value);
        INDArray columnsFirst = array.dup('f');
        for (INDArray lent : new INDArray[] {array, columnsFirst}) {
            for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
                BorrowedTensor whole = new BorrowedTensor(lent, () -> {});
                BorrowedSlice slice = new BorrowedSlice(whole, 17, Shape.of(9000));
                byte[] expected = bytes(new DenseSlice(value, 17, Shape.of(9000)), 5, 8900, order);
                assertThat(bytes(slice, 5, 8900, order))
                        .as("%s %s", lent.ordering(), order)
                        .isEqualTo(expected);
                whole.capture(new BufferPool(0));
                assertThat(bytes(slice, 5, 8900, order)).as("a copy, %s", order).isEqualTo(expected);
                whole.revoke();
            }
        }
    }

    @Test
    void sliceOfAnArrayThatWasTakenBackGivesNothing() {
        BorrowedTensor whole = new BorrowedTensor(NdView.newArray(DenseTensor.of(new float[] {1, 2, 3})), () -> {});
        BorrowedSlice slice = new BorrowedSlice(whole, 1, Shape.of(2));
        whole.revoke();
        ByteBuffer target = ByteBuffer.allocate(8);
        assertThat(catchThrowableOfType(KVStoreException.class, () -> TensorBytes.put(slice, 0, 2, target))
                        .reason())
                .isEqualTo(Reason.CLOSED);
        assertThat(target.array()).containsOnly(0);
    }
}
