package io.kvstore.examples.embedding;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.optimizer.Optimizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegressionTest {
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void eachStepHalvesTheErrorExactly(String type) {
        Regression regression = new Regression();
        try (KVStore kv = KVStore.create(type)) {
            kv.setOptimizer(Optimizer.sgd()
                    .learningRate(0.5)
                    .rescaleGrad(1.0 / regression.samples())
                    .build());
            regression.fit(
                    kv,
                    20,
                    (step, weight) ->
                            assertThat(weight).as("step %d", step).containsExactly(regression.expected(step)));
        }
    }
}
