package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.optimizer.DeviceStep;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UpdateKernelsTest {
    private static final Key KEY = Key.of("weight");
    private static final BufferPool POOL = new BufferPool();

    private OnGpu.Machine machine = OnGpu.Machine.SIMULATED;

    private static Stream<Optimizer> optimizers() {
        return Stream.of(
                        Optimizer.sgd(),
                        Optimizer.sgd().wd(0.01).clipGradient(0.3).rescaleGrad(0.125),
                        Optimizer.sgd()
                                .momentum(0.9)
                                .wd(0.001)
                                .rescaleGrad(1 / 3.0)
                                .learningRate(0.1),
                        Optimizer.sgd().momentum(0.5).clipGradient(1).lrMult("weight", 3),
                        Optimizer.adam().wd(0.01),
                        Optimizer.adam().clipGradient(0.5).rescaleGrad(0.01).set("beta1", 0.8))
                .flatMap(builder ->
                        Stream.of(builder.build(), builder.multiPrecision(true).build()));
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void updatesHaveTheHostsBits(DType dtype) {
        optimizers().forEach(optimizer -> {
            for (int length : new int[] {1, 3, 127, 128, 4097}) {
                assertUpdates(optimizer, dtype, length, 1 + length % 4, 0);
            }
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void longAndOddlyPlacedTensorsAreUpdatedToo(DType dtype) {
        assertUpdates(Optimizer.adam().multiPrecision(true).build(), dtype, 100_003, 8, 0);
        assertUpdates(Optimizer.sgd().momentum(0.9).build(), dtype, 1001, 2, 8);
    }

    private void assertUpdates(Optimizer optimizer, DType dtype, int length, int gradients, int offset) {
        Random random = new Random(length + gradients);
        DenseTensor weight = Samples.awkward(dtype, random, length);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        try (OnGpu on = new OnGpu(machine, length)) {
            long weightThere = on.put(weight, offset);
            long[] statesThere =
                    states.stream().mapToLong(state -> on.put(state, offset)).toArray();
            for (int update = 1; update <= 3; update++) {
                List<DenseTensor> values = IntStream.range(0, gradients)
                        .mapToObj(d -> Samples.awkward(dtype, random, length))
                        .toList();
                DenseTensor sum = DenseTensor.zeros(dtype, weight.shape());
                Kernels.sum(values, sum, Kernels.DEVICE_GROUP);
                OptimizerKernel.apply(optimizer, KEY, update, weight, sum, states);
                long[] there = values.stream()
                        .mapToLong(value -> on.put(value, offset))
                        .toArray();
                DeviceStep step = DeviceStep.of(optimizer, KEY, update, dtype).orElseThrow();
                on.kernels().update(on.stream(), step, dtype, there, weightThere, statesThere, length);
            }
            assertSame(on, optimizer + " of " + length + " " + dtype, weight, weightThere, states, statesThere);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64"})
    void lazyUpdatesHaveTheHostsBitsAndTouchNoOtherRow(DType dtype) {
        optimizers().forEach(optimizer -> {
            for (int rowLength : new int[] {1, 7, 64, 1000}) {
                assertLazyUpdates(optimizer, dtype, rowLength);
            }
        });
    }

    private void assertLazyUpdates(Optimizer optimizer, DType dtype, int rowLength) {
        Random random = new Random(rowLength);
        Shape shape = Shape.of(23, rowLength);
        DenseTensor weight = Samples.awkward(dtype, random, 23, rowLength);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        try (OnGpu on = new OnGpu(machine, rowLength)) {
            long weightThere = on.put(weight, 0);
            long[] statesThere =
                    states.stream().mapToLong(state -> on.put(state, 0)).toArray();
            for (int update = 1; update <= 3; update++) {
                long[] ids = random.longs(0, 23)
                        .distinct()
                        .limit(1 + random.nextInt(10))
                        .sorted()
                        .toArray();
                DenseTensor rows = Samples.awkward(dtype, random, ids.length, rowLength);
                RowSparseTensor gradient = RowSparseTensor.of(shape, ids, rows);
                OptimizerKernel.applyRows(optimizer, KEY, update, weight, gradient, states, POOL);
                DeviceStep step = DeviceStep.of(optimizer, KEY, update, dtype).orElseThrow();
                long idsThere = on.put(ids);
                long rowsThere = on.put(rows, 0);
                on.kernels()
                        .updateRows(
                                on.stream(),
                                step,
                                dtype,
                                rowsThere,
                                idsThere,
                                ids.length,
                                rowLength,
                                weightThere,
                                statesThere);
            }
            String what = optimizer + " of rows of " + rowLength + " " + dtype;
            assertSame(on, what, weight, weightThere, states, statesThere);
        }
    }

    private void assertSame(
            OnGpu on, String what, DenseTensor weight, long weightThere, List<DenseTensor> states, long[] statesThere) {
        Samples.assertSame(on.get(weight.dtype(), weight.shape(), weightThere), weight, what);
        for (int k = 0; k < states.size(); k++) {
            DenseTensor state = states.get(k);
            DenseTensor there = on.get(state.dtype(), state.shape(), statesThere[k]);
            Samples.assertSame(there, state, what + ", state " + k);
        }
    }

    @Test
    void rulesWithoutKernelAndIntegersAreLeftToTheHost() {
        assertThat(DeviceStep.of(Optimizer.named("adagrad").build(), KEY, 1, DType.FLOAT32))
                .isEmpty();
        assertThat(DeviceStep.of(Optimizer.sgd().build(), KEY, 1, DType.INT32)).isEmpty();
    }

    @Test
    void allOfItHoldsOnARealGpu() {
        machine = OnGpu.Machine.REAL;
        for (DType dtype : new DType[] {DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64}) {
            updatesHaveTheHostsBits(dtype);
            longAndOddlyPlacedTensorsAreUpdatedToo(dtype);
            lazyUpdatesHaveTheHostsBitsAndTouchNoOtherRow(dtype);
        }
    }
}
