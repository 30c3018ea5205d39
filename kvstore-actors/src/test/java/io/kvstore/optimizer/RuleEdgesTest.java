package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.kvstore.Key;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the rules do where their formulas divide by 0, or MXNet's source has a special case. */
class RuleEdgesTest {
    private static final BufferPool POOL = new BufferPool(1 << 20);

    private static float[] run(Optimizer optimizer, String key, float weight, float gradient, int updates) {
        DenseTensor weights = DenseTensor.of(new float[] {weight});
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weights, POOL);
        for (int update = 1; update <= updates; update++) {
            DenseTensor gradients = DenseTensor.of(new float[] {gradient});
            OptimizerKernel.apply(optimizer, Key.of(key), update, weights, gradients, states);
        }
        float[] all = Arrays.copyOf(weights.floats(), 1 + states.size());
        for (int k = 0; k < states.size(); k++) {
            all[1 + k] = states.get(k).floats()[0];
        }
        return all;
    }

    @Test
    void centeredRmsPropSurvivesAGradientWithoutVariance() {
        for (float gradient : new float[] {3, 77.7f, 1000, 12345.678f, 1e10f}) {
            Optimizer optimizer = Optimizer.of("rmsprop", Map.of("centered", true));
            assertThat(run(optimizer, "w", 1, gradient, 300)[0])
                    .as("%s", gradient)
                    .isFinite();
        }
    }

    @Test
    void adamaxKeepsAWeightWhoseGradientsWereAllZero() {
        assertThat(run(Optimizer.named("adamax").build(), "w", 2, 0, 5)).containsExactly(2, 0, 0);
    }

    @Test
    void adamWWithRescaleGradOfZeroChangesNothing() {
        Optimizer optimizer = Optimizer.of("adamw", Map.of("rescale_grad", 0, "wd", 0.1));
        assertThat(run(optimizer, "w", 2, 1, 5)).containsExactly(2, 0, 0);
    }

    /** The weights are those of MXNet 1.9.1's _adamw_update; with (1 - beta2) * g * g they differ in the last bit. */
    @Test
    void adamWSquaresTheGradientFirst() {
        Optimizer optimizer = Optimizer.of(
                "adamw",
                Map.of("learning_rate", 0.5, "beta1", 0.5, "beta2", 0.9f, "epsilon", 0x1p-7, "correct_bias", false));
        assertThat(run(optimizer, "w", 1, 0.067f, 1)[0]).isEqualTo(0.42240912f);
        assertThat(run(optimizer, "w", 1, 0.66f, 1)[0]).isEqualTo(0.23795569f);
    }

    @Test
    void ftrlAndFtmlWithRateZeroKeepTheirStates() {
        assertThat(run(Optimizer.of("ftrl", Map.of("learning_rate", 0)), "w", 2, 1, 5))
                .containsExactly(2, 0, 0);
        assertThat(run(Optimizer.of("ftml", Map.of("learning_rate", 0)), "w", 2, 1, 5))
                .containsExactly(2, 0, 0, 0);
    }

    @Test
    void larsTakesThePlainRateForBiasGammaBetaAndZeroWeights() {
        Optimizer optimizer = Optimizer.of("lars", Map.of("learning_rate", 0.5));
        assertThat(run(optimizer, "fc_weight", 2, 1, 1)).containsExactly(2 - 0.5f * 0.001f * 2);
        for (String key : List.of("fc_bias", "bn_gamma", "bn_beta")) {
            assertThat(run(optimizer, key, 2, 1, 1)).as(key).containsExactly(1.5f);
        }
        assertThat(run(optimizer, "fc_weight", 0, 1, 1)).containsExactly(-0.5f);
    }

    @Test
    void lambTakesThePlainRateForZeroWeights() {
        Optimizer optimizer = Optimizer.of("lamb", Map.of("learning_rate", 0.5, "bias_correction", false));
        float step = 0.1f / ((float) Math.sqrt(1 - 0.999f) + 1e-6f);
        assertThat(run(optimizer, "w", 0, 1, 1)[0]).isCloseTo(-0.5f * step, within(1e-6f));
    }

    @Test
    void keysDoNotDisturbEachOther() {
        for (String name : Rules.all(List.of()).keySet()) {
            Optimizer optimizer = Optimizer.named(name).build();
            float[] alone = run(optimizer, "a", 1, 0.5f, 4);
            DenseTensor a = DenseTensor.of(new float[] {1});
            DenseTensor b = DenseTensor.of(new float[] {2});
            List<DenseTensor> ofA = OptimizerKernel.newStates(optimizer, a, POOL);
            List<DenseTensor> ofB = OptimizerKernel.newStates(optimizer, b, POOL);
            DenseTensor gradient = DenseTensor.of(new float[] {0.5f});
            for (int update = 1; update <= 4; update++) {
                OptimizerKernel.apply(optimizer, Key.of("b"), 2 * update - 1, b, gradient, ofB);
                OptimizerKernel.apply(optimizer, Key.of("a"), update, a, gradient, ofA);
                OptimizerKernel.apply(optimizer, Key.of("b"), 2 * update, b, gradient, ofB);
            }
            assertThat(a.floats()[0]).as(name).isEqualTo(alone[0]);
        }
    }
}
