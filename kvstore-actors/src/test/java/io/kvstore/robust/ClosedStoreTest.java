package io.kvstore.robust;

import static io.kvstore.robust.Support.filled;
import static io.kvstore.robust.Support.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** After close every operation is refused, at once and by name. */
class ClosedStoreTest {

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void everyOperationOnAClosedStoreIsRefused(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.init("w", filled(2, 2, 3));
        kv.close();
        operations()
                .forEach((name, call) -> assertThat(refused(Reason.CLOSED, () -> call.accept(kv)))
                        .as(name)
                        .hasMessage(name + " on a closed store"));
        asynchronous()
                .forEach((name, call) -> assertThat(refused(Reason.CLOSED, () -> call.accept(kv)))
                        .as("asynchronous %s", name)
                        .hasMessage(name + " on a closed store"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void whatAClosedStoreWasIsStillTold(String type) {
        KVStore kv = KVStore.builder().type(type).devices(2).build();
        kv.init("w", filled(2, 2, 3));
        kv.close();
        kv.close();
        assertThat(kv.type()).isEqualTo(type);
        assertThat(kv.rank()).isZero();
        assertThat(kv.numWorkers()).isEqualTo(1);
        assertThat(kv.explain()).isEmpty();
        assertThat(kv.stats().keys()).isZero();
        assertThat(kv.stats().liveBytes()).isZero();
        assertThat(kv.stats().openCalls()).isZero();
    }

    private static Map<String, Consumer<KVStore>> operations() {
        INDArray array = filled(1, 2, 3);
        return Map.ofEntries(
                Map.entry("init", kv -> kv.init("new", array)),
                Map.entry("broadcast", kv -> kv.broadcast("new", array, array.dup())),
                Map.entry("push", kv -> kv.push("w", array)),
                Map.entry("pull", kv -> kv.pull("w")),
                Map.entry("pushPull", kv -> kv.pushPull("w", array, array.dup())),
                Map.entry("delete", kv -> kv.delete("w")),
                Map.entry("keys", KVStore::keys),
                Map.entry("info", kv -> kv.info("w")),
                Map.entry("ref", kv -> kv.ref("w")),
                Map.entry("flush", KVStore::flush),
                Map.entry("barrier", KVStore::barrier),
                Map.entry("setUpdater", kv -> kv.setUpdater(null)),
                Map.entry("setOptimizer", kv -> kv.setOptimizer(Optimizer.sgd().build())),
                Map.entry("adjustOptimizer", kv -> kv.setLearningRate(1)),
                Map.entry("profiler", KVStore::profiler),
                Map.entry("saveOptimizerStates", kv -> kv.saveOptimizerStates(Path.of("states"))),
                Map.entry("loadOptimizerStates", kv -> kv.loadOptimizerStates(Path.of("states"))));
    }

    private static Map<String, Consumer<KVStore>> asynchronous() {
        INDArray array = filled(1, 2, 3);
        return Map.of(
                "init", kv -> kv.async().init("new", array),
                "push", kv -> kv.async().handingOver().push("w", array),
                "pull", kv -> kv.async().pull(List.of("w")),
                "pushPull", kv -> kv.async().pushPull("w", array, array.dup()),
                "delete", kv -> kv.async().delete(Key.of("w")),
                "flush", kv -> kv.async().flush());
    }
}
