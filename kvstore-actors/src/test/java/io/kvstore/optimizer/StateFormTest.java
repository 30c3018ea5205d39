package io.kvstore.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StateFormTest {
    private static final BufferPool POOL = new BufferPool(0);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void theTypesAreThoseOfTheStatesThatAWeightGets(boolean multiPrecision) {
        for (String name : Rules.all(List.of()).keySet()) {
            Optimizer optimizer =
                    Optimizer.named(name).multiPrecision(multiPrecision).build();
            for (DType dtype : List.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT32, DType.FLOAT64)) {
                DenseTensor weight = DenseTensor.zeros(dtype, Shape.of(3));
                assertThat(optimizer.stateForm().types(dtype))
                        .as("%s, %s", name, dtype)
                        .isEqualTo(OptimizerKernel.newStates(optimizer, weight, POOL).stream()
                                .map(DenseTensor::dtype)
                                .toList());
            }
        }
    }

    @Test
    void onlyWhatDecidesTheStatesIsInTheForm() {
        Optimizer momentum = Optimizer.of("sgd", Map.of("momentum", 0.5));
        assertThat(momentum.stateForm()).isEqualTo(new StateForm("sgd", 1, false));
        assertThat(momentum.toBuilder()
                        .momentum(0.9)
                        .learningRate(3)
                        .lrMult("w", 2)
                        .build()
                        .stateForm())
                .isEqualTo(momentum.stateForm());
        assertThat(Optimizer.sgd().build().stateForm()).isEqualTo(new StateForm("sgd", 0, false));
        assertThat(Optimizer.adam().multiPrecision(true).build().stateForm())
                .hasToString("adam with 2 states and multi_precision");
    }
}
