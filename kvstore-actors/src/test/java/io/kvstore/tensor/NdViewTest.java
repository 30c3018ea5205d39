package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

class NdViewTest {
    /** Arrays of every layout, all different from a plain row-major one. */
    private static Map<String, INDArray> layouts() {
        INDArray base = counting(7 * 8 * 9).reshape(7, 8, 9);
        Map<String, INDArray> arrays = new LinkedHashMap<>();
        arrays.put("c order", base);
        arrays.put("f order", base.dup('f'));
        arrays.put("permuted", base.permute(2, 0, 1));
        arrays.put("transposed matrix", base.reshape(56, 9).transpose());
        arrays.put(
                "rows with an offset", base.get(NDArrayIndex.interval(2, 5), NDArrayIndex.all(), NDArrayIndex.all()));
        arrays.put(
                "a window in all dimensions",
                base.get(NDArrayIndex.interval(1, 4), NDArrayIndex.interval(3, 7), NDArrayIndex.interval(2, 9)));
        arrays.put(
                "every other element",
                base.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2, 8), NDArrayIndex.interval(1, 3, 9)));
        arrays.put("a column", base.reshape(56, 9).getColumn(4));
        arrays.put(
                "a window of an f order array",
                base.dup('f')
                        .get(NDArrayIndex.interval(1, 4), NDArrayIndex.interval(3, 7), NDArrayIndex.interval(2, 9)));
        arrays.put(
                "an f order view of a flat vector",
                counting(100).get(NDArrayIndex.interval(10, 70)).reshape('f', 6, 10));
        arrays.put("a scalar inside", base.get(NDArrayIndex.point(1), NDArrayIndex.point(2), NDArrayIndex.point(3)));
        arrays.put("a scalar", Nd4j.scalar(4.5f));
        arrays.put("one element", Nd4j.ones(1, 1, 1));
        return arrays;
    }

    @Test
    void everyLayoutIsReadByItsLogicalValue() {
        layouts().forEach((name, array) -> {
            DenseTensor read = Tensor.copyOf(array);
            assertThat(read.shape()).as(name).isEqualTo(Shape.of(array.shape()));
            assertThat(read.floats()).as(name).isEqualTo(logical(array));
        });
    }

    @Test
    void everyLayoutIsWrittenInItsLogicalOrder() {
        layouts().forEach((name, array) -> {
            DenseTensor value = Values.random(DType.FLOAT32, new Random(9), array.shape());
            NdView.writing(array).write(value);
            assertThat(logical(array)).as(name).isEqualTo(value.floats());
        });
    }

    @Test
    void writingAWindowLeavesItsSurroundingsAsTheyWere() {
        INDArray base = Nd4j.zeros(DataType.FLOAT, 6, 6);
        INDArray window = base.get(NDArrayIndex.interval(1, 3), NDArrayIndex.interval(2, 5));
        NdView.writing(window).write(DenseTensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3));
        assertThat(base.sumNumber().doubleValue()).isEqualTo(21);
        assertThat(base.getFloat(1, 2)).isEqualTo(1);
        assertThat(base.getFloat(2, 4)).isEqualTo(6);
    }

    @Test
    void anyPartCanBeRead() {
        long seed = 12;
        Random random = new Random(seed);
        layouts().forEach((name, array) -> {
            float[] all = logical(array);
            for (int i = 0; i < 20; i++) {
                int from = random.nextInt(all.length);
                int count = random.nextInt(all.length - from + 1);
                float[] target = new float[count + 4];
                NdView.reading(array).read(from, target, 2, count);
                for (int k = 0; k < count; k++) {
                    assertThat(target[2 + k]).as("%s, seed %d", name, seed).isEqualTo(all[from + k]);
                }
                assertThat(new float[] {target[0], target[1], target[count + 2], target[count + 3]})
                        .as("%s: around the target", name)
                        .containsOnly(0f);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void everyTypeGoesThereAndBackBitForBit(DType dtype) {
        DenseTensor value = Values.random(dtype, new Random(2), 33, 5);
        assertThat(Tensor.copyOf(value.toINDArray())).isEqualTo(value);
        INDArray columns =
                Nd4j.create(NdView.typeOf(dtype), 33, 9).get(NDArrayIndex.all(), NDArrayIndex.interval(2, 7));
        NdView.writing(columns).write(value);
        assertThat(Tensor.copyOf(columns)).isEqualTo(value);
        assertThat(NdView.dtypeOf(NdView.typeOf(dtype))).isEqualTo(dtype);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void aValueOfAnotherTypeIsCastWhenItIsWritten(DType dtype) {
        DenseTensor value = DenseTensor.zeros(DType.FLOAT32, Shape.of(2, 5000));
        for (int i = 0; i < value.length(); i++) {
            value.floats()[i] = i % 100 + 0.25f;
        }
        INDArray plain = Nd4j.create(NdView.typeOf(dtype), 2, 5000);
        NdView.writing(plain).write(value);
        assertThat(Tensor.copyOf(plain)).isEqualTo(Casts.cast(value, dtype));
        INDArray strided = Nd4j.create(NdView.typeOf(dtype), 5000, 2).permute(1, 0);
        NdView.writing(strided).write(value);
        assertThat(Tensor.copyOf(strided)).isEqualTo(Casts.cast(value, dtype));
    }

    @Test
    void arraysWithoutElementsCanBeMadeAndWritten() {
        DenseTensor none = DenseTensor.zeros(DType.FLOAT32, Shape.of(2, 0));
        INDArray empty = none.toINDArray();
        assertThat(empty.shape()).containsExactly(2, 0);
        NdView.writing(empty).write(none);
    }

    @Test
    void outputsWhoseElementsShareMemoryAreRefusedAndCanStillBeRead() {
        INDArray broadcast = Nd4j.createFromArray(1f, 2f, 3f).reshape(1, 3).broadcast(4, 3);
        INDArray row = Nd4j.createFromArray(1f, 2f, 3f);
        INDArray repeated = Nd4j.create(row.data(), new long[] {4, 3}, new long[] {0, 1}, 0, 'c');
        INDArray sliding = Nd4j.create(counting(6).data(), new long[] {4, 3}, new long[] {1, 1}, 0, 'c');
        for (INDArray shared : new INDArray[] {repeated, sliding}) {
            KVStoreException refusal = catchThrowableOfType(KVStoreException.class, () -> NdView.writing(shared));
            assertThat(refusal.reason()).isEqualTo(Reason.OVERLAPPING_OUTPUT);
            assertThat(refusal).hasMessageContaining("(4, 3)").hasMessageContaining("dup()");
            assertThat(Tensor.copyOf(shared).length()).isEqualTo(12);
        }
        assertThat(Tensor.copyOf(repeated)).isEqualTo(Tensor.copyOf(broadcast.dup('c')));
    }

    @Test
    void interleavedOutputsDoNotOverlap() {
        INDArray base = Nd4j.zeros(DataType.FLOAT, 4, 6);
        NdView.writing(base.get(NDArrayIndex.all(), NDArrayIndex.interval(0, 2, 6)));
        NdView.writing(base.permute(1, 0));
        NdView.writing(base.reshape(4, 1, 6).permute(2, 1, 0));
    }

    @Test
    void arraysThatCannotBeReadAreRefusedWithAReason() {
        assertReason(Reason.INVALID_ARGUMENT, null);
        INDArray closed = Nd4j.ones(3);
        closed.close();
        assertReason(Reason.ARRAY_CLOSED, closed);
        assertReason(Reason.UNSUPPORTED_DTYPE, Nd4j.create(DataType.BOOL, 3));
        assertReason(Reason.UNSUPPORTED_DTYPE, Nd4j.create(DataType.INT16, 3));
    }

    @Test
    void copyIntoATensorOfAnotherShapeOrTypeIsRefused() {
        DenseTensor into = DenseTensor.zeros(DType.FLOAT32, Shape.of(3, 2));
        for (INDArray other : new INDArray[] {Nd4j.ones(2, 3), Nd4j.ones(DataType.DOUBLE, 3, 2)}) {
            assertThatThrownBy(() -> NdView.copy(other, into))
                    .isInstanceOf(KVStoreException.class)
                    .hasMessageContaining("expected float32(3, 2)");
        }
        NdView.copy(Nd4j.ones(3, 2), into);
        assertThat(into.floats()).containsOnly(1f);
    }

    private static INDArray counting(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = i;
        }
        return Nd4j.createFromArray(values);
    }

    private static void assertReason(Reason reason, INDArray array) {
        assertThat(catchThrowableOfType(KVStoreException.class, () -> NdView.reading(array))
                        .reason())
                .isEqualTo(reason);
    }

    /** The elements in row-major order, by ND4J's own indexing. */
    private static float[] logical(INDArray array) {
        float[] values = new float[(int) array.length()];
        long[] shape = array.shape();
        for (int i = 0; i < values.length; i++) {
            long[] index = new long[shape.length];
            int rest = i;
            for (int d = shape.length - 1; d >= 0; d--) {
                index[d] = rest % shape[d];
                rest /= (int) shape[d];
            }
            values[i] = shape.length == 0 ? array.getFloat(0) : array.getFloat(index);
        }
        return values;
    }

    @Test
    void arraysAreApartIfTheyShareNoMemory() {
        INDArray parent = Nd4j.ones(10);
        NdView left = NdView.reading(parent.get(NDArrayIndex.interval(0, 5)));
        NdView right = NdView.reading(parent.get(NDArrayIndex.interval(5, 10)));
        NdView middle = NdView.reading(parent.get(NDArrayIndex.interval(4, 6)));
        NdView other = NdView.reading(Nd4j.ones(10));
        assertThat(NdView.areApart(List.of(right, other, left))).isTrue();
        assertThat(NdView.areApart(List.of(right, other, middle))).isFalse();
        assertThat(NdView.areApart(List.of(left, left))).isFalse();
        assertThat(NdView.areApart(List.of())).isTrue();
    }

    @Test
    void anArrayOfUnalignedMemoryIsReadAndWritten() {
        BytePointer whole = new BytePointer(4 * Float.BYTES + 1);
        FloatPointer memory = new FloatPointer(whole.getPointer(1));
        INDArray odd = Nd4j.create(Nd4j.createBuffer(memory, 4, DataType.FLOAT), new long[] {4});
        NdView.writing(odd).write(DenseTensor.of(new float[] {1, 2, 3, 4}));
        assertThat(Tensor.copyOf(odd)).isEqualTo(DenseTensor.of(new float[] {1, 2, 3, 4}));
        whole.close();
    }
}
