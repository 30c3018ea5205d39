package io.kvstore.cluster.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.TestServers;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class DistSyncTest {
    private static TestServers servers;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, "");
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    @Test
    void theSumOfAllWorkersIsAssigned() {
        try (Workers workers = Workers.of(servers, "dist_sync", 2, "")) {
            List<INDArray> pulled = workers.all(kv -> {
                kv.init("w", Nd4j.ones(2, 3));
                kv.push("w", Nd4j.ones(2, 3).muli(kv.rank() + 1));
                return kv.pull("w");
            });
            assertThat(pulled)
                    .allSatisfy(value -> assertThat(Tensor.copyOf(value))
                            .isEqualTo(Tensor.copyOf(Nd4j.ones(2, 3).muli(3))));
        }
    }

    @Test
    void I01_everyRoundAddsWhatAllWorkersPush() {
        try (Workers workers = Workers.of(servers, "dist_sync", 3, "")) {
            workers.all(kv -> {
                kv.setOptimizer(Optimizer.named("test").rescaleGrad(2).build());
                kv.init(List.of("3", "99"), List.of(Nd4j.ones(2, 3), Nd4j.ones(1200, 1200)));
                for (int i = 0; i < 7; i++) {
                    for (String key : List.of("3", "99")) {
                        INDArray value = kv.pull(key);
                        kv.push(key, value.ulike().assign(kv.rank() + 1));
                        INDArray after = kv.pull(key);
                        float expected = 3 * 4 / 2 * 2 * (i + 1) + 1;
                        assertThat(after.minNumber().floatValue()).isEqualTo(expected);
                        assertThat(after.maxNumber().floatValue()).isEqualTo(expected);
                    }
                }
                return null;
            });
        }
    }
}
