package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MergeTest {
    private static final int ROWS = 12;

    private final BufferPool pool = new BufferPool(1 << 20);

    private static RowSparseTensor rows(DType dtype, Random random, int length) {
        long[] ids =
                random.longs(random.nextInt(ROWS), 0, ROWS).sorted().distinct().toArray();
        return RowSparseTensor.of(Shape.of(ROWS, length), ids, Values.random(dtype, random, ids.length, length));
    }

    /** MXNet's sum: zeros, to which one value after the other adds its rows. */
    private static RowSparseTensor expected(List<RowSparseTensor> values) {
        RowSparseTensor first = values.get(0);
        int length = (int) first.shape().rowLength();
        boolean[] given = new boolean[ROWS];
        DenseTensor table = DenseTensor.zeros(first.dtype(), first.shape());
        for (RowSparseTensor value : values) {
            long[] ids = value.ids();
            for (int i = 0; i < ids.length; i++) {
                given[(int) ids[i]] = true;
                Kernels.add(
                        first.dtype(),
                        table.data(),
                        (int) ids[i] * length,
                        value.rows().data(),
                        i * length,
                        length);
            }
        }
        return RowSparseTensor.gather(
                table,
                java.util.stream.LongStream.range(0, ROWS)
                        .filter(row -> given[(int) row])
                        .toArray());
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void theSumGivesEveryRowThatAnyValueGivesAddedInTheirOrder(DType dtype) {
        for (long seed = 1; seed <= 100; seed++) {
            Random random = new Random(seed);
            int length = random.nextInt(5);
            List<RowSparseTensor> values = new ArrayList<>();
            for (int device = random.nextInt(5); device >= 0; device--) {
                values.add(rows(dtype, random, length));
            }
            assertThat(Merge.isRowSparse(values)).isTrue();
            assertThat(Merge.sum(values, pool, 1 + random.nextInt(4)))
                    .as("seed %d, %s", seed, values)
                    .isEqualTo(expected(values));
        }
        assertThat(pool.liveBytes() + pool.idleBytes()).as("pooled bytes").isZero();
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void withADenseValueAmongThemTheSumIsTheDenseOne(DType dtype) {
        for (long seed = 1; seed <= 100; seed++) {
            Random random = new Random(seed);
            int length = random.nextInt(5);
            List<Tensor> values = new ArrayList<>();
            List<DenseTensor> dense = new ArrayList<>();
            values.add(Values.random(dtype, random, ROWS, length));
            for (int device = random.nextInt(6); device > 0; device--) {
                values.add(
                        random.nextInt(values.size() + 1),
                        random.nextBoolean()
                                ? rows(dtype, random, length)
                                : Values.random(dtype, random, ROWS, length));
            }
            for (Tensor value : values) {
                dense.add(value instanceof RowSparseTensor sparse ? sparse.toDense() : (DenseTensor) value);
            }
            for (int group : new int[] {Kernels.LOCAL_GROUP, Kernels.DEVICE_GROUP}) {
                DenseTensor expected = DenseTensor.zeros(dtype, Shape.of(ROWS, length));
                Kernels.sum(dense, expected, group);
                Tensor sum = Merge.sum(values, pool, group);
                assertThat(sum).as("seed %d, group %d", seed, group).isEqualTo(expected);
                sum.release();
            }
        }
        assertThat(pool.liveBytes()).as("live bytes").isZero();
    }

    @Test
    void theSumStartsAtZeroSoThatMinusZeroIsLost() {
        RowSparseTensor minus =
                RowSparseTensor.of(Shape.of(3, 1), new long[] {1}, DenseTensor.of(new float[] {-0f}, 1, 1));
        RowSparseTensor sum = (RowSparseTensor) Merge.sum(List.of(minus, minus), pool, 1);
        assertThat(Float.floatToRawIntBits(sum.rows().floats()[0])).isZero();
    }
}
