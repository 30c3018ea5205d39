package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.optimizer.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class TrainerResetTest {
    private final List<INDArray> w = filled(0);

    private static List<INDArray> filled(double value) {
        return Stream.generate(() -> Nd4j.valueArrayOf(new long[] {3}, value, DataType.FLOAT))
                .limit(2)
                .toList();
    }

    private TrainerBuilder builder() {
        return Trainer.builder()
                .parameter("w", w)
                .optimizer(Optimizer.sgd().learningRate(1).momentum(0.5).build());
    }

    private static void step(Trainer trainer) {
        trainer.step(Map.of("w", filled(1)), 1);
    }

    private void assertReplicas(double value) {
        w.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly((float) value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void resettingAStoreOfItsOwnForgetsTheMomentumAndKeepsTheWeights(String type) {
        try (Trainer trainer = builder().store(type).build()) {
            step(trainer);
            KVStore before = trainer.store().orElseThrow();
            trainer.reset();
            assertThat(trainer.store()).isEmpty();
            assertReplicas(-2);
            step(trainer);
            assertThat(trainer.store().orElseThrow()).isNotSameAs(before);
        }
        assertReplicas(-4);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void resettingAGivenStoreLeavesOtherKeysAlone(boolean onStore) {
        try (KVStore kv = KVStore.create("local");
                Trainer trainer = builder().store(kv).updateOnStore(onStore).build()) {
            kv.init("other", filled(7).get(0));
            trainer.reset(); // before anything was initialised
            step(trainer);
            trainer.reset();
            assertThat(kv.keys()).containsExactly(Key.of("other"));
            step(trainer);
            assertThat(kv.pull("other").getDouble(0)).isEqualTo(7);
            assertReplicas(onStore ? -4 : -5); // only what lay in the store is forgotten
        }
    }

    @Test
    void dataThatIsSetWhereTheOptimizerRunsHereKeepsItsState() {
        try (Trainer trainer = builder().updateOnStore(false).build()) {
            step(trainer);
            KVStore before = trainer.store().orElseThrow();
            trainer.setData("w", filled(100).get(0));
            assertReplicas(100);
            assertThat(trainer.store()).containsSame(before);
            step(trainer);
        }
        assertReplicas(97);
    }

    @Test
    void resettingWithoutAStoreChangesNothing() {
        INDArray alone = filled(0).get(0);
        try (Trainer trainer = Trainer.builder()
                .parameter("w", alone)
                .optimizer(Optimizer.sgd().learningRate(1).momentum(0.5).build())
                .build()) {
            trainer.step(Map.of("w", filled(1).get(0)), 1);
            trainer.reset();
            trainer.step(Map.of("w", filled(1).get(0)), 1);
        }
        assertThat(alone.toFloatVector()).containsOnly(-2.5f);
    }

    /** The keys of a distributed store are the other workers' as well. */
    @Test
    void aDistributedStoreIsNotReset() {
        KVStore kv = new KVStoreBase() {
            @Override
            public String type() {
                return "dist_sync";
            }

            @Override
            public boolean isCapable(String capability) {
                return true;
            }
        };
        try (Trainer trainer = builder().store(kv).build()) {
            for (Runnable call : List.<Runnable>of(
                    trainer::reset, () -> trainer.setData("w", filled(9).get(0)))) {
                KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call::run);
                assertThat(refusal.reason()).isEqualTo(Reason.UNSUPPORTED);
                assertThat(refusal).hasMessageContaining("distributed store cannot be reset");
            }
        }
        assertReplicas(0);
    }
}
