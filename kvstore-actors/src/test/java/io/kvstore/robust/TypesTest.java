package io.kvstore.robust;

import static io.kvstore.robust.Support.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every element type in every operation. Sums are of the key's type: 16-bit floats are rounded after each addition,
 * integers wrap. What a pull does to values that another type cannot hold is {@link Casts}'s to define.
 */
class TypesTest {
    private static final double[] VALUES = {0, 1, 2, 3, 5, 8, 13, 21};

    static Stream<Arguments> everyType() {
        return Stream.of("local", "device")
                .flatMap(type -> Arrays.stream(DType.values()).map(dtype -> Arguments.of(type, dtype)));
    }

    static Stream<Arguments> floatingTypes() {
        return everyType().filter(each -> ((DType) each.get()[1]).isFloating());
    }

    static Stream<Arguments> sixteenBits() {
        return floatingTypes().filter(each -> ((DType) each.get()[1]).bytes() == 2);
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("everyType")
    void valuesAreInitialisedPushedAndPulledInTheKeysType(String type, DType dtype) {
        try (KVStore kv = open(type)) {
            kv.init("w", array(dtype, VALUES));
            assertValue(kv, dtype, VALUES);
            assertThat(kv.info("w").orElseThrow().dtype()).isEqualTo(dtype);
            kv.push("w", array(dtype, times(VALUES, 2)));
            assertValue(kv, dtype, times(VALUES, 2));
            kv.push("w", devices(dtype, 4, VALUES));
            assertValue(kv, dtype, times(VALUES, 4));
            INDArray one = array(dtype, times(VALUES, 3));
            kv.pushPull("w", one);
            assertThat(Tensor.copyOf(one)).isEqualTo(tensor(dtype, times(VALUES, 3)));
            INDArray out = array(dtype, new double[VALUES.length]);
            kv.pushPull(Key.of("w"), devices(dtype, 4, VALUES), List.of(out));
            assertThat(Tensor.copyOf(out)).isEqualTo(tensor(dtype, times(VALUES, 4)));
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("everyType")
    void anUpdaterGetsArraysOfTheKeysType(String type, DType dtype) {
        try (KVStore kv = open(type)) {
            kv.init("w", array(dtype, VALUES));
            kv.setUpdater((key, received, stored) -> {
                assertThat(List.of(received.dataType(), stored.dataType())).containsOnly(NdView.typeOf(dtype));
                stored.addi(received);
            });
            kv.push("w", array(dtype, VALUES));
            kv.push("w", devices(dtype, 2, VALUES));
            assertValue(kv, dtype, times(VALUES, 4));
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("everyType")
    void aPullOrPushPullIntoAnotherTypeIsCast(String type, DType from) {
        double[] values =
                from.isFloating() ? new double[] {1.5, -2.25, 7, 0.1, 1000.7} : new double[] {0, 1, 100, 77, 3};
        try (KVStore kv = open(type)) {
            kv.init("w", array(from, values));
            List<INDArray> outs = outs(values.length);
            kv.pull("w", outs);
            assertCast(outs, tensor(from, values));
            INDArray gradient = array(from, values);
            outs = outs(values.length);
            kv.pushPull(Key.of("w"), List.of(gradient), outs);
            assertCast(outs, tensor(from, values));
        }
    }

    private static List<INDArray> outs(int length) {
        return Arrays.stream(DType.values())
                .map(to ->
                        array(to, DoubleStream.generate(() -> 99).limit(length).toArray()))
                .toList();
    }

    private static void assertCast(List<INDArray> outs, DenseTensor value) {
        for (int i = 0; i < outs.size(); i++) {
            DType to = DType.values()[i];
            assertThat(Tensor.copyOf(outs.get(i)))
                    .as("%s to %s", value.dtype(), to)
                    .isEqualTo(Casts.cast(value, to));
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("everyType")
    void aPushOfAnyOtherTypeIsRefused(String type, DType dtype) {
        try (KVStore kv = open(type)) {
            kv.init("w", array(dtype, VALUES));
            for (DType other : DType.values()) {
                if (other != dtype) {
                    assertThat(refused(Reason.DTYPE_MISMATCH, () -> kv.push("w", array(other, VALUES))))
                            .hasMessage("key 'w': push expects type " + dtype + ", given " + other);
                    refused(
                            Reason.DTYPE_MISMATCH,
                            () -> kv.push("w", List.of(array(dtype, VALUES), array(other, VALUES))));
                    refused(Reason.DTYPE_MISMATCH, () -> kv.pushPull("w", array(other, VALUES)));
                }
            }
            assertValue(kv, dtype, VALUES);
            assertThat(kv.info("w").orElseThrow().version()).isZero();
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("everyType")
    void sumsAreOfTheKeysTypeWhateverTheirSize(String type, DType dtype) {
        double[] large = {
            switch (dtype) {
                case INT8 -> 100;
                case UINT8 -> 200;
                case INT32 -> Integer.MAX_VALUE;
                case INT64 -> 0x1p62;
                case FLOAT16 -> 60_000;
                case BFLOAT16 -> 256;
                case FLOAT32 -> 0x1p24;
                case FLOAT64 -> 0x1p53;
            },
            1
        };
        double[] sum = {
            switch (dtype) {
                case INT8 -> 200 - 256;
                case UINT8 -> 400 - 256;
                case INT32 -> -2;
                case INT64 -> Long.MIN_VALUE;
                case FLOAT16 -> Double.POSITIVE_INFINITY;
                case BFLOAT16 -> 512;
                case FLOAT32 -> 0x1p25;
                case FLOAT64 -> 0x1p54;
            },
            2
        };
        try (KVStore kv = open(type)) {
            kv.init("w", array(dtype, 0, 0));
            kv.push("w", devices(dtype, 2, large));
            assertThat(Tensor.copyOf(kv.pull("w"))).isEqualTo(tensor(dtype, sum));
            if (dtype.isFloating() && dtype != DType.FLOAT16) {
                kv.push("w", List.of(array(dtype, large), array(dtype, 1, 1))); // 1 is half of the distance: to even
                assertThat(Tensor.copyOf(kv.pull("w"))).isEqualTo(tensor(dtype, large[0], 2));
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("everyType")
    void anOptimizerUpdatesFloatingTypesAndRefusesIntegers(String type, DType dtype) {
        for (boolean multiPrecision : new boolean[] {false, true}) {
            try (KVStore kv = open(type)) {
                kv.init("w", array(dtype, 8, 16));
                kv.setOptimizer(Optimizer.sgd()
                        .learningRate(0.5)
                        .momentum(0.5)
                        .multiPrecision(multiPrecision)
                        .build());
                kv.push("w", array(dtype, 4, 8));
                if (dtype.isFloating()) {
                    kv.push("w", devices(dtype, 4, 0, 2));
                    assertValue(kv, dtype, 8 - 2 - 1, 16 - 4 - 2 - 4);
                } else {
                    assertThat(refused(Reason.UNSUPPORTED_DTYPE, kv::flush))
                            .hasMessageContainingAll("key 'w'", "'sgd' cannot update values of type " + dtype);
                    assertValue(kv, dtype, 8, 16);
                    kv.setUpdater(null);
                    kv.push("w", array(dtype, 4, 8));
                    assertValue(kv, dtype, 4, 8);
                }
            }
        }
    }

    /** Each step is a quarter of the distance to the next lower 16-bit number below 1. */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("sixteenBits")
    void stepsTooSmallFor16BitsAddUpInTheMasterCopyOnly(String type, DType dtype) {
        double step = dtype == DType.FLOAT16 ? 0x1p-13 : 0x1p-10;
        for (boolean multiPrecision : new boolean[] {false, true}) {
            try (KVStore kv = open(type)) {
                kv.init("w", array(dtype, 1));
                kv.setOptimizer(Optimizer.sgd()
                        .learningRate(1)
                        .multiPrecision(multiPrecision)
                        .build());
                for (int i = 1; i <= 8; i++) {
                    kv.push("w", array(dtype, step));
                    double master = 1 - i * step;
                    assertThat(Tensor.copyOf(kv.pull("w")))
                            .as("%s after %s updates", multiPrecision ? "multi_precision" : "plain", i)
                            .isEqualTo(tensor(dtype, multiPrecision ? master : 1));
                }
                assertThat(Tensor.copyOf(kv.pull("w"))).isEqualTo(tensor(dtype, multiPrecision ? 1 - 8 * step : 1));
            }
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("sixteenBits")
    void gradientsOfAllDevicesAreSummedIn16BitsWithMultiPrecisionToo(String type, DType dtype) {
        double step = dtype == DType.FLOAT16 ? 0x1p-11 : 0x1p-8; // half of the distance above 1
        try (KVStore kv = open(type)) {
            kv.init("w", array(dtype, 0));
            kv.setOptimizer(Optimizer.sgd().learningRate(1).multiPrecision(true).build());
            kv.push("w", List.of(array(dtype, 1), array(dtype, step)));
            assertValue(kv, dtype, -1);
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("floatingTypes")
    void adjustedSettingsApplyFromTheNextUpdateOnAndTheStateStays(String type, DType dtype) {
        try (KVStore kv = open(type)) {
            kv.init(List.of("w", "v"), List.of(array(dtype, 0), array(dtype, 0)));
            kv.setOptimizer(Optimizer.sgd().learningRate(1).build());
            for (int i = 0; i < 50; i++) {
                kv.push(List.of("w", "v"), List.of(array(dtype, 1), array(dtype, 1)));
            }
            kv.setLearningRate(2); // while pushes may still be under way
            for (int i = 0; i < 25; i++) {
                kv.push(List.of("w", "v"), List.of(array(dtype, 1), array(dtype, 1)));
            }
            kv.adjustOptimizer(optimizer -> optimizer.lrMult("v", 0.5));
            kv.push(List.of("w", "v"), List.of(array(dtype, 4), array(dtype, 4)));
            assertValue(kv, dtype, -50 - 50 - 8);
            assertThat(Tensor.copyOf(kv.pull("v"))).isEqualTo(tensor(dtype, -50 - 50 - 4));
            kv.setOptimizer(Optimizer.sgd().learningRate(1).momentum(0.5).build());
            kv.push("w", array(dtype, 8));
            kv.setLearningRate(4);
            kv.push("w", array(dtype, 0));
            assertValue(kv, dtype, -108 - 8 - 4);
            kv.push("w", array(dtype, 1));
            assertValue(kv, dtype, -120 - 2 - 4);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BOOL", "SHORT", "UINT16", "UINT32", "UINT64"})
    void whatTheStoreDoesNotKeepIsRefusedByItsName(DataType unknown) {
        INDArray array = Nd4j.create(unknown, 2);
        for (String type : List.of("local", "device")) {
            try (KVStore kv = open(type)) {
                assertThat(refused(Reason.UNSUPPORTED_DTYPE, () -> kv.init("new", array)))
                        .hasMessageContainingAll("key 'new'", "type " + unknown, "castTo");
                assertThat(kv.keys()).isEmpty();
                kv.init("w", array(DType.FLOAT32, 1, 2));
                refused(Reason.UNSUPPORTED_DTYPE, () -> kv.push("w", array));
                refused(Reason.UNSUPPORTED_DTYPE, () -> kv.pull("w", array));
                assertValue(kv, DType.FLOAT32, 1, 2);
            }
        }
    }

    private static KVStore open(String type) {
        return KVStore.builder().type(type).devices(2).build();
    }

    private static INDArray array(DType dtype, double... values) {
        return tensor(dtype, values).toINDArray();
    }

    private static List<INDArray> devices(DType dtype, int count, double... values) {
        return IntStream.range(0, count).mapToObj(i -> array(dtype, values)).toList();
    }

    private static DenseTensor tensor(DType dtype, double... values) {
        return Casts.cast(DenseTensor.of(values), dtype);
    }

    private static double[] times(double[] values, int factor) {
        return Arrays.stream(values).map(value -> value * factor).toArray();
    }

    private static void assertValue(KVStore kv, DType dtype, double... values) {
        INDArray pulled = kv.pull("w");
        assertThat(pulled.dataType()).isEqualTo(NdView.typeOf(dtype));
        assertThat(Tensor.copyOf(pulled)).isEqualTo(tensor(dtype, values));
    }
}
