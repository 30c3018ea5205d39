package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a trainer refuses, in which words, and that nothing has changed then. */
class TrainerErrorsTest {
    private static final Optimizer SGD = Optimizer.sgd().learningRate(1).build();

    private final Map<String, List<INDArray>> replicas = new LinkedHashMap<>();
    private Trainer onStore;
    private Trainer here;

    @BeforeEach
    void build() {
        replicas.put("w", List.of(filled(5, 2, 3), filled(5, 2, 3)));
        replicas.put("b", List.of(filled(5, 3), filled(5, 3)));
        onStore = builder().updateOnStore(true).build();
        here = builder().updateOnStore(false).build();
    }

    @AfterEach
    void close() {
        onStore.close();
        here.close();
    }

    private TrainerBuilder builder() {
        return Trainer.builder().parameters(replicas).store("local").optimizer(SGD);
    }

    private static INDArray filled(double value, long... shape) {
        return Nd4j.valueArrayOf(shape, value, DataType.FLOAT);
    }

    private static Map<String, Object> gradients() {
        return new HashMap<>(Map.of(
                "w", List.of(filled(1, 2, 3), filled(1, 2, 3)),
                "b", List.of(filled(1, 3), filled(1, 3))));
    }

    private static Map<String, Object> gradientsWith(String name, Object given) {
        Map<String, Object> gradients = gradients();
        gradients.put(name, given);
        return gradients;
    }

    private static KVStoreException refused(Reason reason, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).as("the call is refused").isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    private void assertUntouched() {
        replicas.values().stream()
                .flatMap(List::stream)
                .forEach(replica ->
                        assertThat(Tensor.copyOf(replica)).isEqualTo(Tensor.copyOf(filled(5, replica.shape()))));
    }

    record Wrong(String what, Map<String, Object> gradients, Reason reason, String... words) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Wrong> wrongGradients() {
        INDArray closed = filled(1, 3);
        closed.close();
        Map<String, Object> missing = gradients();
        missing.remove("b");
        return Stream.of(
                new Wrong("none at all", null, Reason.INVALID_ARGUMENT, "gradients must not be null"),
                new Wrong("one missing", missing, Reason.INVALID_ARGUMENT, "key 'b'", "gradient for every parameter"),
                new Wrong(
                        "one of an unknown parameter",
                        gradientsWith("x", List.of(filled(1, 3))),
                        Reason.INVALID_ARGUMENT,
                        "no parameter 'x'",
                        "[w, b]"),
                new Wrong(
                        "one too few",
                        gradientsWith("b", List.of(filled(1, 3))),
                        Reason.INVALID_ARGUMENT,
                        "key 'b'",
                        "each of 2 devices",
                        "given 1"),
                new Wrong(
                        "an array where a list is needed",
                        gradientsWith("b", filled(1, 3)),
                        Reason.INVALID_ARGUMENT,
                        "key 'b'",
                        "each of 2 devices",
                        "given 1"),
                new Wrong(
                        "another shape",
                        gradientsWith("b", List.of(filled(1, 3), filled(1, 4))),
                        Reason.SHAPE_MISMATCH,
                        "key 'b'",
                        "gradient of device 1",
                        "expects shape (3,), given (4,)"),
                new Wrong(
                        "another type",
                        gradientsWith("b", List.of(filled(1, 3), filled(1, 3).castTo(DataType.DOUBLE))),
                        Reason.DTYPE_MISMATCH,
                        "key 'b'",
                        "gradient of device 1",
                        "expects type float32, given float64"),
                new Wrong(
                        "a closed array",
                        gradientsWith("b", List.of(filled(1, 3), closed)),
                        Reason.ARRAY_CLOSED,
                        "key 'b'",
                        "gradient of device 1"),
                new Wrong(
                        "no array",
                        gradientsWith("b", List.of(filled(1, 3), "3")),
                        Reason.INVALID_ARGUMENT,
                        "key 'b'",
                        "gradient of device 1",
                        "given java.lang.String"),
                new Wrong(
                        "a null",
                        gradientsWith("b", Arrays.asList(filled(1, 3), null)),
                        Reason.INVALID_ARGUMENT,
                        "key 'b'",
                        "gradient of device 1",
                        "given null"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongGradients")
    void wrongGradientsAreRefusedAndChangeNothing(Wrong wrong) {
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> onStore.step(wrong.gradients, 1),
                () -> here.step(wrong.gradients, 1),
                () -> here.allReduceGradients(wrong.gradients),
                () -> here.update(wrong.gradients, 1))) {
            assertThat(refused(wrong.reason, call)).hasMessageContainingAll(wrong.words);
        }
        assertUntouched();
        onStore.step(gradients(), 1);
        here.step(gradients(), 1);
    }

    @Test
    void aBatchSizeBelowOneIsRefused() {
        for (int size : new int[] {0, -3}) {
            assertThat(refused(Reason.INVALID_ARGUMENT, () -> onStore.step(gradients(), size)))
                    .hasMessageContaining("step expects a batch size of at least 1, given " + size);
            refused(Reason.INVALID_ARGUMENT, () -> here.update(gradients(), size));
        }
        assertUntouched();
    }

    @Test
    void halvesOfAStepAreRefusedWhereTheStoreUpdates() {
        assertThat(refused(Reason.UNSUPPORTED, () -> onStore.allReduceGradients(gradients())))
                .hasMessageContaining("allReduceGradients")
                .hasMessageContaining("updateOnStore(false)");
        assertThat(refused(Reason.UNSUPPORTED, () -> onStore.update(gradients(), 1)))
                .hasMessageContaining("update of a trainer whose optimizer runs in the store");
        assertUntouched();
    }

    @Test
    void aReplicaThatWasClosedIsNamed() {
        replicas.get("b").get(1).close();
        for (Trainer trainer : List.of(onStore, here)) {
            assertThat(refused(Reason.ARRAY_CLOSED, () -> trainer.step(gradients(), 1)))
                    .hasMessageContaining("key 'b'")
                    .hasMessageContaining("replica 1");
        }
        replicas.remove("b");
        assertUntouched();
    }

    @Test
    void aClosedTrainerRefusesEverything() {
        onStore.close();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> onStore.step(gradients(), 1),
                () -> onStore.allReduceGradients(gradients()),
                () -> onStore.update(gradients(), 1),
                () -> onStore.adjustOptimizer(now -> now),
                () -> onStore.setLearningRate(0.5),
                () -> onStore.setData("w", filled(1, 2, 3)),
                onStore::initialise,
                onStore::reset)) {
            assertThat(refused(Reason.CLOSED, call)).hasMessageContaining("on a closed trainer");
        }
        assertUntouched();
    }

    @Test
    void aStoreThatItsOwnerClosedIsTold() {
        KVStore kv = KVStore.create("local");
        try (Trainer trainer = builder().store(kv).build()) {
            trainer.step(gradients(), 1);
            kv.close();
            refused(Reason.CLOSED, () -> trainer.step(gradients(), 1));
            refused(Reason.CLOSED, () -> trainer.step(gradients(), 2));
            refused(Reason.CLOSED, () -> trainer.setLearningRate(3));
            assertThat(trainer.learningRate()).isEqualTo(1);
        }
    }

    @Test
    void aChangeThatNeedsOtherStateIsRefused() {
        assertThat(refused(Reason.INVALID_ARGUMENT, () -> onStore.adjustOptimizer(now -> now.momentum(0.9))))
                .hasMessageContaining("needs other state");
        refused(Reason.INVALID_ARGUMENT, () -> onStore.setLearningRate(-1));
        refused(Reason.INVALID_ARGUMENT, () -> onStore.adjustOptimizer(null));
        assertThat(onStore.optimizer()).isEqualTo(SGD);
    }

    @Test
    void aKeyThatTheStoreHasAlreadyIsNamed() {
        try (KVStore kv = KVStore.create("local")) {
            kv.init("b", filled(7, 3));
            try (Trainer trainer = builder().store(kv).build()) {
                assertThat(refused(Reason.ALREADY_INITIALIZED, () -> trainer.step(gradients(), 1)))
                        .hasMessageContaining("key 'b'");
                assertUntouched();
                kv.delete("b");
                trainer.step(gradients(), 1);
            }
        }
    }

    @Test
    void setDataNamesAnUnknownParameterAndAValueThatDoesNotFit() {
        assertThat(refused(Reason.INVALID_ARGUMENT, () -> onStore.setData("x", filled(1, 3))))
                .hasMessageContaining("no parameter 'x'");
        refused(Reason.INVALID_ARGUMENT, () -> onStore.setData(null, filled(1, 3)));
        assertThat(refused(Reason.SHAPE_MISMATCH, () -> onStore.setData("b", filled(1, 4))))
                .hasMessageContaining("key 'b'");
        refused(Reason.INVALID_ARGUMENT, () -> onStore.setData("b", (INDArray) null));
        assertUntouched();
    }

    /** It must not even wait for its turn: here the one whose turn it is waits for that thread. */
    @Test
    @Timeout(20)
    void aStoresOwnThreadIsRefusedBecauseItWouldWaitForItself() {
        List<Throwable> outcomes = new ArrayList<>();
        try (KVStore kv = KVStore.create("local")) {
            kv.init("asking", filled(0, 1));
            kv.setUpdater((key, received, stored) -> {
                outcomes.add(catchThrowableOfType(KVStoreException.class, () -> here.step(gradients(), 1)));
                outcomes.add(catchThrowableOfType(KVStoreException.class, here::close));
            });
            here.adjustOptimizer(now -> {
                kv.pushPull("asking", filled(1, 1), filled(0, 1));
                return now;
            });
        }
        assertThat(outcomes)
                .hasSize(2)
                .allSatisfy(outcome ->
                        assertThat(((KVStoreException) outcome).reason()).isEqualTo(Reason.WOULD_DEADLOCK));
        here.step(gradients(), 1);
    }

    @Test
    void aBuilderRefusesWhatCannotBeTrained() {
        INDArray overlapping = Nd4j.create(filled(1, 4).data(), new long[] {3, 4}, new long[] {0, 1}, 0, 'c');
        refused(Reason.INVALID_ARGUMENT, () -> Trainer.builder().optimizer(SGD).build());
        assertThat(refused(
                        Reason.INVALID_ARGUMENT,
                        () -> Trainer.builder().parameters(replicas).build()))
                .hasMessageContaining("optimizer");
        assertThat(refused(Reason.INVALID_ARGUMENT, () -> builder().parameter("w", filled(1, 3))))
                .hasMessageContaining("key 'w'")
                .hasMessageContaining("twice");
        assertThat(refused(
                        Reason.INVALID_ARGUMENT,
                        () -> builder().parameter("x", filled(1, 3)).build()))
                .hasMessageContaining("key 'x'")
                .hasMessageContaining("'w' has 2 arrays, given 1");
        refused(Reason.INVALID_ARGUMENT, () -> builder().parameter("x", List.of()));
        refused(Reason.INVALID_ARGUMENT, () -> builder().parameter("x", null));
        refused(Reason.INVALID_ARGUMENT, () -> builder().parameter("", filled(1, 3)));
        refused(Reason.INVALID_ARGUMENT, () -> builder().parameters(null));
        refused(Reason.INVALID_ARGUMENT, () -> builder().optimizer(null));
        refused(Reason.INVALID_ARGUMENT, () -> builder().store((KVStore) null));
        assertThat(refused(
                        Reason.UNSUPPORTED_DTYPE,
                        () -> builder().parameter("x", filled(1, 3).castTo(DataType.INT32))))
                .hasMessageContaining("key 'x'")
                .hasMessageContaining("int32");
        assertThat(refused(Reason.SHAPE_MISMATCH, () -> builder().parameter("x", List.of(filled(1, 3), filled(1, 4)))))
                .hasMessageContaining("replica 1 must have shape (3,) as replica 0, given (4,)");
        refused(
                Reason.DTYPE_MISMATCH,
                () -> builder()
                        .parameter("x", List.of(filled(1, 3), filled(1, 3).castTo(DataType.DOUBLE))));
        refused(Reason.OVERLAPPING_OUTPUT, () -> builder().parameter("x", List.of(overlapping, overlapping)));
    }

    @Test
    void anUnknownTypeIsRefusedEvenWhereNoStoreIsNeeded() {
        assertThat(refused(
                        Reason.UNKNOWN_TYPE,
                        () -> Trainer.builder()
                                .parameter("w", filled(1, 3))
                                .optimizer(SGD)
                                .store("nccl")
                                .build()))
                .hasMessageContaining("'nccl'");
    }

    /** A rule of the user's own may throw anything, at any device. */
    @Test
    void aRuleThatThrowsLeavesEveryReplicaOfItsParameter() {
        List<INDArray> w = List.of(filled(5, 2), filled(5, 2));
        try (Trainer trainer = Trainer.builder()
                .parameter("w", w)
                .updateOnStore(false)
                .optimizer(Optimizer.named("throwing-once").build())
                .build()) {
            Map<String, ?> gradients = Map.of("w", List.of(filled(1, 2), filled(1, 2)));
            trainer.step(gradients, 1); // adds 1
            ThrowingOnceRule.armed.set(2);
            assertThat(refused(Reason.UPDATER_FAILED, () -> trainer.step(gradients, 1)))
                    .hasMessageContaining("key 'w'")
                    .hasMessageContaining("as armed");
            w.forEach(replica -> assertThat(replica.getDouble(0)).isEqualTo(6));
            trainer.step(gradients, 1); // adds 2, as this is the second update
            w.forEach(replica -> assertThat(replica.getDouble(0)).isEqualTo(8));
        }
    }

    @Test
    void callsOfSeveralThreadsWaitForEachOther() {
        List<CompletableFuture<Void>> steps = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            steps.add(CompletableFuture.runAsync(() -> here.step(gradients(), 1)));
        }
        steps.forEach(step -> step.orTimeout(20, TimeUnit.SECONDS).join());
        replicas.get("w").forEach(replica -> assertThat(replica.getDouble(0)).isEqualTo(5 - 16));
    }
}
