package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class EmptyAndCollectedArraysTest {
    @ParameterizedTest
    @CsvSource({"0, 3", "3, 0", "0, 0", "1, 0"})
    void anArrayWithoutElementsIsReadAsItsShape(long rows, long columns) {
        assertThat(Tensor.copyOf(Nd4j.create(DataType.FLOAT, rows, columns)).shape())
                .isEqualTo(Shape.of(rows, columns));
    }

    /** ND4J frees an array's memory when nobody refers to the array: a view of it must. */
    @Test
    void aBorrowedArrayLivesAsLongAsItsTensor() {
        List<BorrowedTensor> borrowed = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            borrowed.add(new BorrowedTensor(filled(i), () -> {}));
        }
        List<INDArray> others = new ArrayList<>();
        for (int round = 0; round < 10; round++) {
            System.gc();
            for (int i = 0; i < 200; i++) {
                others.add(filled(-1));
            }
        }
        float[] read = new float[1000];
        for (int i = 0; i < 200; i++) {
            borrowed.get(i).read(0, read, 0, 1000);
            float[] expected = new float[1000];
            Arrays.fill(expected, i);
            assertThat(read).as("borrowed array %d", i).isEqualTo(expected);
        }
    }

    private static INDArray filled(float value) {
        return Nd4j.valueArrayOf(new long[] {1000}, value, DataType.FLOAT);
    }
}
