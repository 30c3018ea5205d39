package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What a trainer's optimizer remembers, in files; and packed gradients. */
class TrainerStatesTest {
    private static final Optimizer ADAM = Optimizer.adam().learningRate(0.1).build();
    private static final Optimizer SGD = Optimizer.sgd().learningRate(1).build();

    @TempDir
    private Path directory;

    private final List<INDArray> w = filled(1, 5);
    private final List<INDArray> b = filled(2, 3);

    private static List<INDArray> filled(double value, long length) {
        return Stream.generate(() -> Nd4j.valueArrayOf(new long[] {length}, value, DataType.FLOAT))
                .limit(2)
                .toList();
    }

    private Trainer trainer(boolean onStore, Optimizer optimizer) {
        return Trainer.builder()
                .parameter("w", w)
                .parameter("b", b)
                .updateOnStore(onStore)
                .optimizer(optimizer)
                .build();
    }

    private static void step(Trainer trainer, double gradient) {
        trainer.step(Map.of("w", filled(gradient, 5), "b", filled(-gradient, 3)), 2);
    }

    private List<DenseTensor> weights() {
        return Stream.concat(w.stream(), b.stream()).map(Tensor::copyOf).toList();
    }

    private static KVStoreException refused(Reason reason, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).as("the call is refused").isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    /** One that saves and one that loads, each with its optimizer in the store or here. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void trainingGoesOnBitForBitWhereverTheOptimizerRuns(boolean savedOnStore, boolean loadedOnStore) {
        Path file = directory.resolve("states");
        try (Trainer trainer = trainer(savedOnStore, ADAM)) {
            step(trainer, 1);
            step(trainer, 4);
            trainer.saveStates(file);
            List<DenseTensor> saved = weights();
            step(trainer, -2);
            List<DenseTensor> expected = weights();
            IntStream.range(0, 2).forEach(d -> w.get(d).assign(saved.get(d).toINDArray()));
            IntStream.range(0, 2).forEach(d -> b.get(d).assign(saved.get(2 + d).toINDArray()));
            try (Trainer other = trainer(loadedOnStore, SGD)) {
                other.loadStates(file);
                assertThat(other.optimizer()).isEqualTo(ADAM);
                step(other, -2);
                assertThat(weights()).isEqualTo(expected);
            }
        }
    }

    @Test
    void theFileIsTheSameWhereverTheOptimizerRuns() throws IOException {
        Path there = directory.resolve("there");
        Path here = directory.resolve("here");
        try (Trainer onStore = trainer(true, ADAM);
                Trainer updating = trainer(false, ADAM)) {
            for (Trainer trainer : List.of(onStore, updating)) {
                step(trainer, 3);
                trainer.saveStates(trainer == onStore ? there : here);
            }
        }
        assertThat(Files.readAllBytes(here)).isEqualTo(Files.readAllBytes(there));
    }

    /** The batch size of the file's last step is not that of the next one here, and multipliers are the trainer's. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rescalingAndMultipliersStayTheTrainersOwn(boolean onStore) {
        Path file = directory.resolve("states");
        try (Trainer trainer = trainer(onStore, SGD.toBuilder().lrMult("w", 7).build())) {
            step(trainer, 1);
            trainer.saveStates(file);
        }
        Optimizer mine =
                SGD.toBuilder().learningRate(5).lrMult("b", 3).rescaleGrad(2).build();
        w.forEach(replica -> replica.assign(0));
        b.forEach(replica -> replica.assign(0));
        try (Trainer trainer = trainer(onStore, mine)) {
            trainer.loadStates(file);
            assertThat(trainer.optimizer())
                    .isEqualTo(mine.toBuilder().learningRate(1).build());
            trainer.step(Map.of("w", filled(1, 5), "b", filled(1, 3)), 8);
        }
        w.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly(-0.5f));
        b.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly(-1.5f));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aFileThatDoesNotFitIsRefusedAndChangesNothing(boolean onStore) throws IOException {
        Path other = directory.resolve("other");
        Path damaged = directory.resolve("damaged");
        try (Trainer trainer = Trainer.builder()
                .parameter("x", filled(1, 4))
                .updateOnStore(onStore)
                .optimizer(ADAM)
                .build()) {
            trainer.saveStates(other);
        }
        try (Trainer trainer = trainer(onStore, ADAM)) {
            step(trainer, 1);
            trainer.saveStates(damaged);
            byte[] bytes = Files.readAllBytes(damaged);
            bytes[bytes.length - 1] ^= 1;
            Files.write(damaged, bytes);
            assertThat(refused(Reason.NOT_INITIALIZED, () -> trainer.loadStates(other)))
                    .hasMessageContaining("key 'x'")
                    .hasMessageContaining(other.toString());
            refused(Reason.INVALID_FILE, () -> trainer.loadStates(damaged));
            refused(Reason.FILE_FAILED, () -> trainer.loadStates(directory.resolve("missing")));
            refused(Reason.FILE_FAILED, () -> trainer.saveStates(directory.resolve("no/such/directory")));
            refused(Reason.INVALID_ARGUMENT, () -> trainer.loadStates(null));
            refused(Reason.INVALID_ARGUMENT, () -> trainer.saveStates(null));
            step(trainer, 4);
        }
        List<DenseTensor> disturbed = weights();
        w.forEach(replica -> replica.assign(1));
        b.forEach(replica -> replica.assign(2));
        try (Trainer trainer = trainer(onStore, ADAM)) {
            step(trainer, 1);
            step(trainer, 4);
        }
        assertThat(disturbed).isEqualTo(weights());
    }

    @Test
    void statesWithoutAnOptimizerNeedOneThatKeepsTheSame() {
        Path file = directory.resolve("states");
        try (KVStore kv = KVStore.create("local")) {
            kv.setOptimizer(ADAM);
            kv.init("w", w.get(0));
            kv.push("w", w);
            kv.saveOptimizerStates(file);
        }
        for (boolean onStore : new boolean[] {true, false}) {
            try (Trainer trainer = trainer(onStore, SGD)) {
                assertThat(refused(Reason.STATE_MISMATCH, () -> trainer.loadStates(file)))
                        .hasMessageContaining("adam")
                        .hasMessageContaining("sgd");
            }
            try (Trainer trainer = trainer(onStore, ADAM)) {
                trainer.loadStates(file);
                assertThat(trainer.optimizer()).isEqualTo(ADAM);
            }
        }
    }

    /** The codec sends 0.5 of 0.7 and keeps the rest; with the next 0.2 that is too little, with one more 0.5 again. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gradientsArePackedAsTheBuilderSays(boolean onStore) {
        try (Trainer trainer = Trainer.builder()
                .parameter("w", w)
                .updateOnStore(onStore)
                .optimizer(SGD)
                .compression(GradientCompression.twoBit(0.5))
                .build()) {
            trainer.step(Map.of("w", filled(0.7, 5)), 1);
            w.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly(0));
            trainer.step(Map.of("w", filled(0.2, 5)), 1);
            w.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly(0));
            trainer.step(Map.of("w", filled(0.2, 5)), 1);
            w.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly(-1));
        }
    }

    @Test
    void compressionIsRefusedByALocalStoreAndUnusedWithoutOne() {
        TrainerBuilder builder =
                Trainer.builder().parameter("w", w).optimizer(SGD).compression(GradientCompression.twoBit(0.5));
        try (Trainer trainer = builder.store("local").build()) {
            refused(Reason.UNSUPPORTED, trainer::initialise);
        }
        INDArray alone = filled(0, 3).get(0);
        try (Trainer trainer = Trainer.builder()
                .parameter("w", alone)
                .optimizer(SGD)
                .compression(GradientCompression.twoBit(0.5))
                .build()) {
            trainer.step(Map.of("w", filled(0.7, 3).get(0)), 1);
        }
        assertThat(alone.toFloatVector()).containsOnly(-0.7f);
        refused(Reason.INVALID_ARGUMENT, () -> builder.compression(null));
    }

    @Test
    void theStoreTellsTheOptimizerInForce() {
        try (KVStore kv = KVStore.create("local")) {
            assertThat(kv.optimizer()).isEmpty();
            kv.setOptimizer(ADAM);
            kv.setLearningRate(0.5);
            assertThat(kv.optimizer())
                    .isEqualTo(Optional.of(ADAM.toBuilder().learningRate(0.5).build()));
            kv.setUpdater((key, received, stored) -> stored.addi(received));
            assertThat(kv.optimizer()).isEmpty();
        }
    }
}
