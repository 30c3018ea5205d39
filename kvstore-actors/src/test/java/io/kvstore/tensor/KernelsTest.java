package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import io.kvstore.KVStoreException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;

class KernelsTest {
    private static final int[] LENGTHS = {0, 1, 3, 4095, 4096, 4097, 8192, 8200};

    @ParameterizedTest
    @EnumSource(DType.class)
    void sumsAreAddedInTheDocumentedOrderBitForBit(DType dtype) {
        for (int length : LENGTHS) {
            List<DenseTensor> nine = values(dtype, length, 9, length);
            for (int count = 1; count <= 9; count++) {
                List<DenseTensor> values = nine.subList(0, count);
                assertSum(values, values, Kernels.LOCAL_GROUP);
                assertSum(values, values, Kernels.DEVICE_GROUP);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void lentArraysGiveTheSameBitsAsTensors(DType dtype) {
        for (int length : LENGTHS) {
            List<DenseTensor> nine = values(dtype, length, 9, length);
            List<INDArray> arrays = nine.stream().map(DenseTensor::toINDArray).toList();
            Random random = new Random(length);
            for (int count = 1; count <= 9; count++) {
                List<Dense> mixed = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    mixed.add(random.nextInt(3) == 0 ? nine.get(i) : new BorrowedTensor(arrays.get(i), () -> {}));
                }
                assertSum(mixed, nine.subList(0, count), Kernels.LOCAL_GROUP);
                assertSum(mixed, nine.subList(0, count), Kernels.DEVICE_GROUP);
            }
            arrays.forEach(INDArray::close);
        }
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void arraysThatAreAllLentGiveTheSameBitsAlsoWhenSomeAreCaptured(DType dtype) {
        BufferPool pool = new BufferPool(1 << 20);
        for (int length : LENGTHS) {
            List<DenseTensor> six = values(dtype, length, 6, length);
            List<INDArray> arrays = six.stream().map(DenseTensor::toINDArray).toList();
            for (int count = 1; count <= 6; count++) {
                for (int captured = 0; captured <= 1; captured++) {
                    List<BorrowedTensor> lent = new ArrayList<>();
                    for (INDArray array : arrays.subList(0, count)) {
                        lent.add(new BorrowedTensor(array, () -> {}));
                    }
                    lent.stream().skip(count - captured).forEach(each -> each.capture(pool));
                    assertSum(lent, six.subList(0, count), Kernels.LOCAL_GROUP);
                    assertSum(lent, six.subList(0, count), Kernels.DEVICE_GROUP);
                    lent.forEach(BorrowedTensor::revoke);
                }
            }
            arrays.forEach(INDArray::close);
        }
    }

    @Test
    void anArrayThatWasTakenBackIsNotSummed() {
        List<INDArray> arrays = values(DType.FLOAT32, 5000, 2, 1).stream()
                .map(DenseTensor::toINDArray)
                .toList();
        List<BorrowedTensor> lent = arrays.stream()
                .map(array -> new BorrowedTensor(array, () -> {}))
                .toList();
        lent.get(1).revoke();
        DenseTensor sum = DenseTensor.zeros(DType.FLOAT32, Shape.of(5000));
        assertThatThrownBy(() -> Kernels.sum(lent, sum)).isInstanceOf(KVStoreException.class);
        arrays.forEach(INDArray::close);
    }

    @Test
    void theTwoOrdersDifferWhereRoundingShowsIt() {
        List<DenseTensor> values = List.of(one(1e8f), one(-1e8f), one(1f), one(1f), one(1f));
        DenseTensor local = one(0);
        DenseTensor device = one(0);
        Kernels.sum(values, local);
        Kernels.sum(values, device, Kernels.DEVICE_GROUP);
        assertThat(local.floats()[0]).isEqualTo(1e8f + (-1e8f + 1f + 1f + 1f)).isEqualTo(0f);
        assertThat(device.floats()[0]).isEqualTo(3f);
    }

    @Test
    void whatIsSummedIsOnlyRead() {
        List<DenseTensor> values = values(DType.FLOAT32, 5000, 5, 1);
        List<DenseTensor> before = values.stream().map(DenseTensor::copy).toList();
        Kernels.sum(values, DenseTensor.zeros(DType.FLOAT32, Shape.of(5000)));
        assertThat(values).isEqualTo(before);
    }

    @Test
    void integersWrap() {
        DenseTensor sum = DenseTensor.zeros(DType.INT8, Shape.of(1));
        DenseTensor hundred = DenseTensor.zeros(DType.INT8, Shape.of(1));
        ((byte[]) hundred.data())[0] = 100;
        Kernels.sum(List.of(hundred, hundred), sum);
        assertThat(((byte[]) sum.data())[0]).isEqualTo((byte) -56);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void zeroIsWrittenOverTheElementsOfARangeAndNoOthers(DType dtype) {
        DenseTensor tensor = Values.random(dtype, new Random(3), 70);
        DenseTensor expected = tensor.copy();
        DenseTensor.zeros(dtype, Shape.of(20)).read(0, expected.data(), 5, 20);
        Kernels.fillZero(tensor.data(), 5, 25);
        assertThat(tensor).isEqualTo(expected);
        Kernels.fillZero(tensor.data(), 0, 70);
        assertThat(tensor).isEqualTo(DenseTensor.zeros(dtype, Shape.of(70)));
    }

    private static List<DenseTensor> values(DType dtype, int length, int count, long seed) {
        Random random = new Random(seed);
        List<DenseTensor> values = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            values.add(Values.random(dtype, random, length));
        }
        return values;
    }

    private static DenseTensor one(float value) {
        return DenseTensor.of(new float[] {value});
    }

    private static void assertSum(List<? extends Dense> given, List<DenseTensor> values, int group) {
        DenseTensor into = values.get(values.size() - 1).copy(); // what is there must not matter
        Kernels.sum(given, into, group);
        DType dtype = into.dtype();
        for (int i = 0; i < into.length(); i = next(i, into.length())) {
            Number sum = element(dtype, values.get(0), i);
            for (int first = 1; first < values.size(); first += group) {
                Number part = element(dtype, values.get(first), i);
                for (int j = first + 1; j < Math.min(first + group, values.size()); j++) {
                    part = plus(dtype, part, element(dtype, values.get(j), i));
                }
                sum = plus(dtype, sum, part);
            }
            if (bits(dtype, sum) != Values.bits(dtype, into.data(), i)) {
                fail(
                        "%s, %d values of length %d, group %d: element %d is %s, expected %s",
                        dtype, values.size(), into.length(), group, i, element(dtype, into, i), sum);
            }
        }
    }

    /** Every element near a block's border, and some of the others. */
    private static int next(int i, int length) {
        int place = (i + 1) % Kernels.BLOCK;
        return place < 20 || place > Kernels.BLOCK - 20 || length - i < 20 ? i + 1 : i + 19;
    }

    private static Number element(DType dtype, DenseTensor tensor, int i) {
        Object data = tensor.data();
        return switch (dtype) {
            case FLOAT32 -> ((float[]) data)[i];
            case FLOAT64 -> ((double[]) data)[i];
            case FLOAT16 -> Halves.halfToFloat(((short[]) data)[i]);
            case BFLOAT16 -> Halves.bfloat16ToFloat(((short[]) data)[i]);
            default -> Values.bits(dtype, data, i);
        };
    }

    private static Number plus(DType dtype, Number a, Number b) {
        return switch (dtype) {
            case FLOAT32 -> a.floatValue() + b.floatValue();
            case FLOAT64 -> a.doubleValue() + b.doubleValue();
            case FLOAT16 -> Halves.halfToFloat(Halves.floatToHalf(a.floatValue() + b.floatValue()));
            case BFLOAT16 -> Halves.bfloat16ToFloat(Halves.floatToBfloat16(a.floatValue() + b.floatValue()));
            default -> a.longValue() + b.longValue();
        };
    }

    private static long bits(DType dtype, Number value) {
        return switch (dtype) {
            case FLOAT32 -> Float.floatToRawIntBits(value.floatValue());
            case FLOAT64 -> Double.doubleToRawLongBits(value.doubleValue());
            case FLOAT16 -> Halves.floatToHalf(value.floatValue());
            case BFLOAT16 -> Halves.floatToBfloat16(value.floatValue());
            case INT8, UINT8 -> value.byteValue();
            case INT32 -> value.intValue();
            case INT64 -> value.longValue();
        };
    }
}
