package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RulesTest {

    @Test
    void usersRuleIsFoundByItsNameInAnyCase() {
        Optimizer optimizer = Optimizer.of("halving", Map.of("keep", 0.25));
        assertThat(optimizer.isBuiltIn()).isFalse();
        assertThat(optimizer.learningRate()).isEqualTo(0.25);
        assertThat(optimizer)
                .isEqualTo(Optimizer.named("HALVING").set("keep", 0.25).build());
        assertThat(Optimizer.fromJson(optimizer.toJson())).isEqualTo(optimizer);
    }

    @Test
    void usersRuleUpdatesWeightsOfEveryFloatingType() {
        Optimizer optimizer = Optimizer.named("halving").build();
        for (DType dtype : List.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)) {
            DenseTensor weight = Casts.cast(DenseTensor.of(new float[] {2, 4, 8}), dtype);
            DenseTensor gradient = Casts.cast(DenseTensor.of(new float[] {1, 0, -1}), dtype);
            OptimizerKernel.apply(optimizer, Key.of(1), 1, weight, gradient, List.of());
            assertThat(Casts.cast(weight, DType.FLOAT32)).isEqualTo(DenseTensor.of(new float[] {0, 2, 5}));
        }
    }

    @Test
    void twoRulesOfOneNameAreRefusedNamingBoth() {
        OptimizerRule other = new HalvingRule() {
            @Override
            public String name() {
                return "sgd";
            }
        };
        assertThatThrownBy(() -> Rules.all(List.of(new HalvingRule(), other)))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("two optimizer rules are named 'sgd': " + Sgd.class.getName() + " and "
                        + other.getClass().getName())
                .extracting(e -> ((KVStoreException) e).reason())
                .isEqualTo(Reason.INVALID_CONFIGURATION);
    }
}
