package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowSparseUpdatesTest {
    private static final Key KEY = Key.of(1);
    private static final BufferPool POOL = new BufferPool(1 << 20);
    private static final List<String> LAZY = List.of("adagrad", "adam", "ftrl", "sgd", "test");
    private static final DType[] FLOATING = {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16};

    private static DenseTensor random(DType dtype, long seed, long... extents) {
        Random random = new Random(seed);
        float[] values = new float[(int) Shape.of(extents).length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return Casts.cast(DenseTensor.of(values, extents), dtype);
    }

    private static Optimizer.Builder busy(String name) {
        Optimizer.Builder builder = Optimizer.named(name).learningRate(0.1).wd(0.01);
        return name.equals("sgd") ? builder.momentum(0.9) : builder;
    }

    @Test
    void lazyRulesAreMxnets() {
        assertThat(Rules.all(List.of()).values().stream()
                        .filter(OptimizerRule::lazy)
                        .map(OptimizerRule::name))
                .containsExactlyElementsOf(LAZY);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 1000, Stage.LENGTH, Stage.LENGTH + 1, 10_000})
    void lazyUpdateIsTheDenseOneOnItsRowsAndNothingElsewhere(int rowLength) {
        int rows = 23;
        long[] ids = {0, 1, 5, 6, 7, 11, 22};
        for (String name : LAZY) {
            for (DType dtype : FLOATING) {
                lazyUpdate(busy(name).build(), dtype, rows, rowLength, ids);
                lazyUpdate(busy(name).multiPrecision(true).build(), dtype, rows, rowLength, ids);
            }
        }
    }

    private static void lazyUpdate(Optimizer optimizer, DType dtype, int rows, int rowLength, long[] ids) {
        DenseTensor weight = random(dtype, 1, rows, rowLength);
        DenseTensor dense = weight.copy();
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        List<DenseTensor> denseStates = OptimizerKernel.newStates(optimizer, weight, POOL);
        // A first dense update, so that the states are not 0.
        DenseTensor first = random(dtype, 2, rows, rowLength);
        OptimizerKernel.apply(optimizer, KEY, 1, weight, first, states);
        OptimizerKernel.apply(optimizer, KEY, 1, dense, first, denseStates);
        DenseTensor before = weight.copy();
        List<DenseTensor> statesBefore = states.stream().map(DenseTensor::copy).toList();

        RowSparseTensor gradient = RowSparseTensor.of(weight.shape(), ids, random(dtype, 3, ids.length, rowLength));
        OptimizerKernel.applyRows(optimizer, KEY, 2, weight, gradient, states, POOL);
        OptimizerKernel.apply(optimizer, KEY, 2, dense, gradient.toDense(), denseStates);

        String what = optimizer.name() + " " + dtype + " rows of " + rowLength;
        assertThat(weight).as(what).isEqualTo(merged(before, dense, ids, rowLength));
        for (int k = 0; k < states.size(); k++) {
            assertThat(states.get(k))
                    .as(what + ", state " + k)
                    .isEqualTo(merged(statesBefore.get(k), denseStates.get(k), ids, rowLength));
        }
    }

    /** {@code before} with the rows {@code ids} of {@code after}. */
    private static DenseTensor merged(DenseTensor before, DenseTensor after, long[] ids, int rowLength) {
        DenseTensor merged = before.copy();
        for (long id : ids) {
            after.read((int) id * rowLength, merged.data(), (int) id * rowLength, rowLength);
        }
        return merged;
    }

    @Test
    void withoutLazyUpdateMissingRowsCountAsZeros() {
        for (String name : Rules.all(List.of()).keySet()) {
            Optimizer optimizer = busy(name).lazyUpdate(false).build();
            DenseTensor weight = random(DType.FLOAT32, 1, 9, 4);
            DenseTensor dense = weight.copy();
            List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
            List<DenseTensor> denseStates = OptimizerKernel.newStates(optimizer, weight, POOL);
            for (int update = 1; update <= 3; update++) {
                RowSparseTensor gradient = RowSparseTensor.of(
                        weight.shape(), new long[] {2, update + 3}, random(DType.FLOAT32, update, 2, 4));
                OptimizerKernel.applyRows(optimizer, KEY, update, weight, gradient, states, POOL);
                OptimizerKernel.apply(optimizer, KEY, update, dense, gradient.toDense(), denseStates);
            }
            assertThat(weight).as(name).isEqualTo(dense);
            assertThat(states).as(name).isEqualTo(denseStates);
        }
    }

    @Test
    void momentumMovesMissingRowsOnlyWithoutLazyUpdate() {
        for (boolean lazy : new boolean[] {true, false}) {
            Optimizer optimizer = Optimizer.sgd()
                    .learningRate(1)
                    .momentum(0.5)
                    .lazyUpdate(lazy)
                    .build();
            DenseTensor weight = DenseTensor.of(new float[] {0, 0}, 2, 1);
            List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
            OptimizerKernel.apply(optimizer, KEY, 1, weight, DenseTensor.of(new float[] {-1, -1}, 2, 1), states);
            RowSparseTensor gradient =
                    RowSparseTensor.of(weight.shape(), new long[] {1}, DenseTensor.of(new float[] {-1}, 1, 1));
            OptimizerKernel.applyRows(optimizer, KEY, 2, weight, gradient, states, POOL);
            assertThat(weight.floats()).containsExactly(lazy ? 1 : 1.5f, 2.5f);
        }
    }

    @Test
    void noRowsAndEmptyRowsChangeNothing() {
        Optimizer optimizer = busy("adam").build();
        for (long[] extents : new long[][] {{5, 3}, {5, 0}, {0, 3}}) {
            DenseTensor weight = random(DType.FLOAT32, 1, extents);
            DenseTensor before = weight.copy();
            List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
            DenseTensor rows = DenseTensor.zeros(DType.FLOAT32, Shape.of(0, extents[1]));
            OptimizerKernel.applyRows(
                    optimizer, KEY, 1, weight, RowSparseTensor.of(weight.shape(), new long[0], rows), states, POOL);
            assertThat(weight).isEqualTo(before);
        }
    }

    @Test
    void gradientOfAnotherShapeIsRefused() {
        Optimizer optimizer = Optimizer.sgd().build();
        DenseTensor weight = random(DType.FLOAT32, 1, 5, 3);
        RowSparseTensor gradient = RowSparseTensor.of(Shape.of(6, 3), new long[] {5}, random(DType.FLOAT32, 2, 1, 3));
        assertThatThrownBy(() -> OptimizerKernel.applyRows(optimizer, KEY, 1, weight, gradient, List.of(), POOL))
                .hasMessageContaining("the gradient must have the weight's shape (5, 3), given (6, 3)");
    }
}
