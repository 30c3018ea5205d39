package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.factory.Nd4j;

class KVStoreTest {
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void valuesArePushedSummedAndPulled(String type) {
        try (KVStore kv = KVStore.create(type)) {
            kv.init("w", Nd4j.ones(2, 3).mul(2));
            kv.push("w", List.of(Nd4j.ones(2, 3), Nd4j.ones(2, 3), Nd4j.ones(2, 3)));
            assertThat(Tensor.copyOf(kv.pull("w"))).isEqualTo(DenseTensor.of(new float[] {3, 3, 3, 3, 3, 3}, 2, 3));
            kv.setOptimizer(Optimizer.sgd().learningRate(0.5).build());
            kv.push("w", Nd4j.ones(2, 3));
            assertThat(Tensor.copyOf(kv.pull("w")))
                    .isEqualTo(DenseTensor.of(new float[] {2.5f, 2.5f, 2.5f, 2.5f, 2.5f, 2.5f}, 2, 3));
            kv.setUpdater((key, received, stored) -> stored.addi(received.mul(2)));
            kv.push("w", Nd4j.ones(2, 3));
            assertThat(kv.async().pull("w").toCompletableFuture().join().getFloat(0))
                    .isEqualTo(4.5f);
        }
    }

    /** MXNet reads the first of no keys. */
    @Test
    void noKeysAreNoRequests() {
        try (KVStore kv = KVStore.create("device")) {
            kv.init(List.of(), List.of());
            kv.broadcast(List.of(), List.of(), List.of());
            kv.push(List.of(), List.of());
            kv.pull(List.of(), List.of());
            kv.pushPull(List.of(), List.of());
            assertThat(kv.pull(List.of())).isEmpty();
            assertThat(kv.rowSparsePull(List.of(), List.of())).isEmpty();
            assertThat(kv.keys()).isEmpty();
        }
    }
}
