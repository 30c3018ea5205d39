package io.kvstore.cuda;

import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.Merge;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SumKernelsTest {
    private static final int[] LENGTHS = {0, 1, 3, 127, 128, 4097};
    private static final int[] COUNTS = {1, 2, 3, 7, 8, 9, 17};

    private OnGpu.Machine machine = OnGpu.Machine.SIMULATED;

    @ParameterizedTest
    @EnumSource(DType.class)
    void sumsHaveTheHostsBits(DType dtype) {
        for (int length : LENGTHS) {
            for (int count : COUNTS) {
                assertSum(dtype, length, count, 0, 11 * length + count);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void longSumsHaveTheHostsBits(DType dtype) {
        assertSum(dtype, 100_003, 4, 0, 1);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void arraysThatBeginAtAnyElementAreSummedToo(DType dtype) {
        assertSum(dtype, 4097, 3, dtype.bytes(), 2);
        assertSum(dtype, 5, 9, 3 * dtype.bytes(), 3);
    }

    private void assertSum(DType dtype, int length, int count, int offset, long seed) {
        Random random = new Random(seed);
        List<DenseTensor> values = IntStream.range(0, count)
                .mapToObj(i -> Samples.awkward(dtype, random, length))
                .toList();
        DenseTensor expected = DenseTensor.zeros(dtype, Shape.of(length));
        Kernels.sum(values, expected, Kernels.DEVICE_GROUP);
        try (OnGpu on = new OnGpu(machine, seed)) {
            long[] sources =
                    values.stream().mapToLong(value -> on.put(value, offset)).toArray();
            long into = on.allocate((long) length * dtype.bytes(), offset);
            on.kernels().sum(on.stream(), dtype, sources, into, length);
            String what = "sum of " + count + " times " + length + " " + dtype + ", offset " + offset;
            Samples.assertSame(on.get(dtype, expected.shape(), into), expected, what);
            on.kernels().sum(on.stream(), dtype, sources, sources[0], length);
            Samples.assertSame(on.get(dtype, expected.shape(), sources[0]), expected, what + ", in place");
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void sumsOfRowsHaveTheHostsBits(DType dtype) {
        for (int rowLength : new int[] {1, 3, 64, 700}) {
            for (int count : new int[] {1, 2, 9}) {
                assertSumOfRows(dtype, rowLength, count, rowLength + count);
            }
        }
    }

    private void assertSumOfRows(DType dtype, int rowLength, int count, long seed) {
        Random random = new Random(seed);
        Shape shape = Shape.of(29, rowLength);
        List<RowSparseTensor> values = new ArrayList<>();
        for (int d = 0; d < count; d++) {
            long[] ids = random.longs(0, 29)
                    .distinct()
                    .limit(1 + random.nextInt(20))
                    .sorted()
                    .toArray();
            values.add(RowSparseTensor.of(shape, ids, Samples.awkward(dtype, random, ids.length, rowLength)));
        }
        RowSparseTensor expected = (RowSparseTensor) Merge.sum(values, new BufferPool(), Kernels.DEVICE_GROUP);
        long[] union = expected.ids();
        try (OnGpu on = new OnGpu(machine, seed)) {
            long[] sources =
                    values.stream().mapToLong(value -> on.put(value.rows(), 0)).toArray();
            long[] places = values.stream()
                    .mapToLong(value -> on.put(Arrays.stream(union)
                            .mapToInt(id -> Math.max(-1, Arrays.binarySearch(value.ids(), id)))
                            .toArray()))
                    .toArray();
            long into = on.allocate((long) union.length * rowLength * dtype.bytes(), 0);
            on.kernels().sumRows(on.stream(), dtype, sources, places, into, union.length, rowLength);
            DenseTensor actual = on.get(dtype, expected.rows().shape(), into);
            Samples.assertSame(actual, expected.rows(), "rows of " + rowLength + " " + dtype + " from " + count);
        }
    }

    @Test
    void allOfItHoldsOnARealGpu() {
        machine = OnGpu.Machine.REAL;
        for (DType dtype : DType.values()) {
            sumsHaveTheHostsBits(dtype);
            longSumsHaveTheHostsBits(dtype);
            arraysThatBeginAtAnyElementAreSummedToo(dtype);
            sumsOfRowsHaveTheHostsBits(dtype);
        }
    }
}
