package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.LentSum;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Updates by sums that are made block by block give the bits of those by sums that are kept. */
class LentSumUpdatesTest {
    private static final Key KEY = Key.of("w");
    private static final int LENGTH = 20_001;
    private static final int DEVICES = 3;

    private final BufferPool pool = new BufferPool(0);
    private final Random random = new Random(26);

    static Stream<Arguments> rules() {
        return Stream.of("sgd", "nag", "adam", "adamw", "adagrad", "rmsprop", "ftrl", "signum", "sgld", "dcasgd")
                .flatMap(name -> Stream.of(DType.FLOAT32, DType.FLOAT64).map(dtype -> Arguments.of(name, dtype)));
    }

    private INDArray array(DType dtype) {
        double[] values = random.doubles(LENGTH, -2, 2).toArray();
        return Nd4j.createFromArray(values).castTo(dtype == DType.FLOAT64 ? DataType.DOUBLE : DataType.FLOAT);
    }

    private List<BorrowedTensor> lent(DType dtype) {
        List<BorrowedTensor> lent = new ArrayList<>();
        for (int device = 0; device < DEVICES; device++) {
            lent.add(new BorrowedTensor(array(dtype), () -> {}));
        }
        return lent;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void theBitsAreThoseOfAKeptSum(String name, DType dtype) {
        Optimizer optimizer = Optimizer.named(name)
                .learningRate(0.1)
                .wd(0.01)
                .clipGradient(0.7)
                .build();
        assertThat(OptimizerKernel.updatesByBlocks(optimizer, dtype)).isTrue();
        DenseTensor kept = pool.copyOf(new BorrowedTensor(array(dtype), () -> {}));
        DenseTensor weight = pool.copyOf(kept);
        List<DenseTensor> keptStates = OptimizerKernel.newStates(optimizer, kept, pool);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, pool);
        for (int update = 1; update <= 3; update++) {
            List<BorrowedTensor> gradients = lent(dtype);
            DenseTensor sum = pool.take(dtype, Shape.of(LENGTH));
            Kernels.sum(gradients, sum);
            OptimizerKernel.apply(optimizer, KEY, update, kept, sum, keptStates);
            DenseTensor out = DenseTensor.zeros(dtype, Shape.of(LENGTH));
            gradients
                    .get(0)
                    .answerInto((at, type, elements, from, count) ->
                            System.arraycopy(elements, from, out.data(), at, count));
            LentSum lent = LentSum.of(gradients, Kernels.LOCAL_GROUP);
            OptimizerKernel.update(optimizer, KEY, update, 0, weight, lent, states);
            lent.release();
            assertThat(weight).isEqualTo(kept);
            assertThat(states).isEqualTo(keptStates);
            assertThat(out).isEqualTo(kept);
        }
    }
}
