package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class OptimizerKernelTest {
    private static final Key KEY = Key.of("w");
    private static final BufferPool POOL = new BufferPool(1 << 20);
    private static final DType[] FLOATING = {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16};

    static List<String> names() {
        return List.copyOf(Rules.all(List.of()).keySet());
    }

    static List<String> namesWithoutSums() {
        return names().stream()
                .filter(name -> busy(name).rule().sums(busy(name).settings()) == 0)
                .toList();
    }

    static List<String> namesWithRate() {
        return names().stream()
                .filter(name -> !List.of("adadelta", "test").contains(name))
                .toList();
    }

    /** An optimizer of the rule with most of what it has switched on. */
    private static Optimizer busy(String name) {
        Optimizer.Builder builder = Optimizer.named(name)
                .learningRate(0.1)
                .wd(0.01)
                .rescaleGrad(0.5)
                .clipGradient(0.7);
        Map<String, Double> own = builder.build().settings().asMap();
        for (String setting : List.of("momentum", "centered")) {
            if (own.containsKey(setting)) {
                builder.set(setting, setting.equals("momentum") ? 0.9 : 1);
            }
        }
        return builder.build();
    }

    private static DenseTensor random(DType dtype, int length, long seed) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat() * 4 - 2;
        }
        return Casts.cast(DenseTensor.of(values), dtype);
    }

    private static DenseTensor slice(DenseTensor whole, int from, int count) {
        DenseTensor slice = DenseTensor.zeros(whole.dtype(), Shape.of(count));
        whole.read(from, slice.data(), 0, count);
        return slice;
    }

    @ParameterizedTest
    @MethodSource("names")
    void slicesGiveTheBitsOfTheWhole(String name) {
        for (DType dtype : FLOATING) {
            slicesGiveTheBitsOfTheWhole(busy(name), dtype);
            slicesGiveTheBitsOfTheWhole(
                    busy(name).toBuilder().multiPrecision(true).build(), dtype);
        }
    }

    private static void slicesGiveTheBitsOfTheWhole(Optimizer optimizer, DType dtype) {
        int[] bounds = {0, 1, 4096, 5000, 5000, 20_483, 21_717};
        int n = bounds.length - 1;
        DenseTensor whole = random(dtype, bounds[n], 1);
        List<DenseTensor> wholeStates = OptimizerKernel.newStates(optimizer, whole, POOL);
        List<DenseTensor> slices = new ArrayList<>();
        List<List<DenseTensor>> states = new ArrayList<>();
        List<Integer> lengths = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            lengths.add(bounds[i + 1] - bounds[i]);
            slices.add(slice(whole, bounds[i], lengths.get(i)));
            states.add(OptimizerKernel.newStates(optimizer, slices.get(i), POOL));
        }
        for (int update = 1; update <= 2; update++) {
            DenseTensor gradient = random(dtype, bounds[n], 1 + update);
            OptimizerKernel.apply(optimizer, KEY, update, whole, gradient, wholeStates);
            List<double[]> parts = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                DenseTensor part = slice(gradient, bounds[i], lengths.get(i));
                parts.add(OptimizerKernel.sums(optimizer, KEY, update, bounds[i], slices.get(i), part, states.get(i)));
            }
            double[] sums = OptimizerKernel.combine(optimizer, parts, lengths);
            for (int i = 0; i < n; i++) {
                DenseTensor part = slice(gradient, bounds[i], lengths.get(i));
                OptimizerKernel.update(optimizer, KEY, update, bounds[i], slices.get(i), part, states.get(i), sums);
                String what = optimizer.name() + " " + dtype + ", update " + update + ", slice " + i;
                assertThat(slices.get(i)).as(what).isEqualTo(slice(whole, bounds[i], lengths.get(i)));
                for (int k = 0; k < wholeStates.size(); k++) {
                    assertThat(states.get(i).get(k))
                            .as(what + ", state " + k)
                            .isEqualTo(slice(wholeStates.get(k), bounds[i], lengths.get(i)));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("namesWithoutSums")
    void rangeMayBeCutAnywhere(String name) {
        Optimizer optimizer = busy(name);
        DenseTensor whole = random(DType.FLOAT32, 1000, 1);
        DenseTensor cut = whole.copy();
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, whole, POOL);
        List<DenseTensor> cutStates = OptimizerKernel.newStates(optimizer, cut, POOL);
        DenseTensor gradient = random(DType.FLOAT32, 1000, 2);
        Step step = optimizer.step(KEY, 1, 0, null);
        Tensors.of(optimizer, whole, gradient, states).update(optimizer.rule(), step, 0, 1000);
        Tensors pieces = Tensors.of(optimizer, cut, gradient, cutStates);
        int[] bounds = {0, 0, 1, 4, 17, 501, 1000};
        for (int i = 1; i < bounds.length; i++) {
            pieces.update(optimizer.rule(), step, bounds[i - 1], bounds[i]);
        }
        assertThat(cut).isEqualTo(whole);
        assertThat(cutStates).isEqualTo(states);
    }

    @ParameterizedTest
    @MethodSource("names")
    void emptyTensorsStayEmpty(String name) {
        for (DType dtype : FLOATING) {
            Optimizer optimizer = busy(name);
            DenseTensor weight = DenseTensor.zeros(dtype, Shape.of(0, 3));
            List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
            OptimizerKernel.apply(optimizer, KEY, 1, weight, DenseTensor.zeros(dtype, Shape.of(0, 3)), states);
            assertThat(weight.length()).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void nanAndInfinityDoNotThrowAndNanReachesTheWeight(String name) {
        for (DType dtype : FLOATING) {
            Optimizer optimizer = busy(name);
            DenseTensor weight = random(dtype, 3, 1);
            List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
            float[] bad = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY};
            DenseTensor gradient = Casts.cast(DenseTensor.of(bad), dtype);
            for (int update = 1; update <= 3; update++) {
                OptimizerKernel.apply(optimizer, KEY, update, weight, gradient, states);
            }
            assertThat(Casts.getDouble(dtype, weight.data(), 0)).as("%s", dtype).isNaN();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void zeroGradientsGiveNoNan(String name) {
        for (DType dtype : FLOATING) {
            Optimizer optimizer = busy(name).toBuilder().wd(0).build();
            DenseTensor weight = random(dtype, 5, 1);
            List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
            for (int update = 1; update <= 3; update++) {
                DenseTensor gradient = DenseTensor.zeros(dtype, Shape.of(5));
                OptimizerKernel.apply(optimizer, KEY, update, weight, gradient, states);
            }
            for (int i = 0; i < 5; i++) {
                assertThat(Casts.getDouble(dtype, weight.data(), i))
                        .as("%s", dtype)
                        .isFinite();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("namesWithRate")
    void rateOfZeroFreezesTheWeight(String name) {
        Optimizer optimizer = busy(name).toBuilder().lrMult("w", 0).build();
        DenseTensor weight = random(DType.FLOAT32, 5, 1);
        DenseTensor before = weight.copy();
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        for (int update = 1; update <= 3; update++) {
            OptimizerKernel.apply(optimizer, KEY, update, weight, random(DType.FLOAT32, 5, update), states);
        }
        assertThat(weight).isEqualTo(before);
    }

    @Test
    void gradientIsOnlyRead() {
        for (String name : names()) {
            DenseTensor weight = random(DType.FLOAT32, 50, 1);
            DenseTensor gradient = random(DType.FLOAT32, 50, 2);
            Optimizer optimizer = busy(name);
            OptimizerKernel.apply(
                    optimizer, KEY, 1, weight, gradient, OptimizerKernel.newStates(optimizer, weight, POOL));
            assertThat(gradient).as(name).isEqualTo(random(DType.FLOAT32, 50, 2));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void masterCopyCarriesWhatSixteenBitsCannot(DType dtype) {
        Optimizer mixed = Optimizer.sgd().learningRate(1).multiPrecision(true).build();
        DenseTensor weight = Casts.cast(DenseTensor.of(new float[] {1}), dtype);
        List<DenseTensor> states = OptimizerKernel.newStates(mixed, weight, POOL);
        DenseTensor gradient = Casts.cast(DenseTensor.of(new float[] {-0x1p-12f}), dtype);
        for (int update = 1; update <= 64; update++) {
            OptimizerKernel.apply(mixed, KEY, update, weight, gradient, states);
        }
        assertThat(states.get(0)).isEqualTo(DenseTensor.of(new float[] {1 + 0x1p-6f}));
        assertThat(weight).isEqualTo(Casts.cast(DenseTensor.of(new float[] {1 + 0x1p-6f}), dtype));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16"})
    void withoutMasterCopyEachUpdateIsFloat32RoundedOnce(DType dtype) {
        int length = 2 * Stage.LENGTH + 5;
        Optimizer optimizer = busy("nag");
        DenseTensor weight = random(dtype, length, 1);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        assertThat(states.get(0).dtype()).isEqualTo(dtype);
        for (int update = 1; update <= 3; update++) {
            DenseTensor gradient = random(dtype, length, 1 + update);
            DenseTensor wide = Casts.cast(weight, DType.FLOAT32);
            List<DenseTensor> wideStates = List.of(Casts.cast(states.get(0), DType.FLOAT32));
            OptimizerKernel.apply(optimizer, KEY, update, wide, Casts.cast(gradient, DType.FLOAT32), wideStates);
            OptimizerKernel.apply(optimizer, KEY, update, weight, gradient, states);
            assertThat(weight).isEqualTo(Casts.cast(wide, dtype));
            assertThat(states.get(0)).isEqualTo(Casts.cast(wideStates.get(0), dtype));
        }
    }

    @Test
    void integersAreNotSupported() {
        for (DType dtype : DType.values()) {
            assertThat(OptimizerKernel.supports(dtype)).as("%s", dtype).isEqualTo(dtype.isFloating());
        }
    }

    @Test
    void wrongTensorsAreRefusedBeforeAnythingIsWritten() {
        Optimizer optimizer = Optimizer.sgd().momentum(0.9).build();
        DenseTensor weight = random(DType.FLOAT32, 4, 1);
        DenseTensor before = weight.copy();
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        assertThatThrownBy(() -> OptimizerKernel.apply(optimizer, KEY, 1, weight, random(DType.FLOAT32, 3, 1), states))
                .hasMessageContaining("the gradient must have the weight's shape (4,), given (3,)");
        assertThatThrownBy(() -> OptimizerKernel.apply(optimizer, KEY, 1, weight, random(DType.FLOAT64, 4, 1), states))
                .hasMessageContaining("the gradient must be float32 as the weight, given float64");
        assertThatThrownBy(
                        () -> OptimizerKernel.apply(optimizer, KEY, 1, weight, random(DType.FLOAT32, 4, 1), List.of()))
                .hasMessageContaining("has 1 state tensors for a float32 weight, given 0");
        assertThat(weight).isEqualTo(before);
    }
}
