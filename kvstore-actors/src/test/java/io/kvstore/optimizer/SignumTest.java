package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.tensor.DenseTensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignumTest {
    @Test
    void signOfTheSmallestAndGreatestNumbersIsOneAndOfZeroZero() {
        Optimizer optimizer = Optimizer.of("signum", Map.of("momentum", 0, "learning_rate", 1));
        DenseTensor weight = DenseTensor.of(new float[7]);
        float[] gradient = {
            Float.MIN_VALUE, -Float.MIN_VALUE, Float.MAX_VALUE, Float.NEGATIVE_INFINITY, 0, Float.MIN_NORMAL, 0.3f
        };
        OptimizerKernel.apply(optimizer, Key.of(1), 1, weight, DenseTensor.of(gradient), List.of());
        assertThat(weight.floats()).containsExactly(-1, 1, -1, 1, 0, -1, -1);

        DenseTensor wide = DenseTensor.of(new double[4]);
        double[] wideGradient = {Double.MIN_VALUE, -Double.MAX_VALUE, 0, Double.MIN_NORMAL};
        OptimizerKernel.apply(optimizer, Key.of(1), 1, wide, DenseTensor.of(wideGradient), List.of());
        assertThat(wide.doubles()).containsExactly(-1, 1, 0, -1);
    }
}
