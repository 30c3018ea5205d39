package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Bits.assertEachFilled;
import static io.kvstore.conformance.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.Trainer;
import io.kvstore.TrainerBuilder;
import io.kvstore.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group E: trainers. */
class TrainerCasesTest {
    private static final long[] SHAPE = {10, 1};

    @TempDir
    private Path directory;

    private static TrainerBuilder trainer(double rate, List<INDArray> x) {
        return Trainer.builder()
                .parameter("x", x)
                .optimizer(Optimizer.sgd().learningRate(rate).build());
    }

    private static void step(Trainer trainer, int devices) {
        trainer.step(Map.of("x", onDevices(devices, 1, SHAPE)), 1);
    }

    @ParameterizedTest
    @CsvSource({"local, true", "local, false", "device, true", "device, false"})
    void E05_aTrainersStatesAndMultipliersOutliveSavingAndLoading(String type, boolean onStore) throws IOException {
        Path saved = directory.resolve("saved");
        Path again = directory.resolve("again");
        List<INDArray> x = onDevices(2, 0, SHAPE);
        try (Trainer trainer =
                trainer(0.1, x).store(type).updateOnStore(onStore).build()) {
            step(trainer, 2);
            trainer.saveStates(saved);
            trainer.loadStates(saved);
            trainer.saveStates(again);
            assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(saved));
            assertEachFilled(x, -0.2f, SHAPE);
            trainer.adjustOptimizer(now -> now.lrMult("x", 2));
            step(trainer, 2); // at rate 0.2 now
        }
        assertEachFilled(x, -0.2f - 0.4f, SHAPE);
    }

    @Test
    void E08_aStoreThatRunsNoOptimizerSumsForATrainer() {
        List<INDArray> x = onDevices(2, 0, SHAPE);
        try (KVStore kv = KVStore.create("teststore")) {
            try (Trainer trainer = trainer(1, x).store(kv).build()) {
                step(trainer, 2);
                assertThat(trainer.updatesOnStore()).isFalse();
            }
            assertEachFilled(x, -2, SHAPE);
            assertThat(refused(
                            Reason.UNSUPPORTED,
                            () -> trainer(1, x).store(kv).updateOnStore(true).build()))
                    .hasMessageContaining("updateOnStore(true)")
                    .hasMessageContaining("'teststore'");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "local, , true", "local, true, true", "local, false, false",
        "device, , true", "device, true, true", "device, false, false"
    })
    void E09_denseWeightsAndGradientsAreUpdatedWhereverIsAsked(String type, Boolean requested, boolean expected) {
        List<INDArray> x = onDevices(2, 0, SHAPE);
        TrainerBuilder builder = trainer(0.1, x).store(type);
        if (requested != null) {
            builder.updateOnStore(requested);
        }
        try (Trainer trainer = builder.build()) {
            step(trainer, 2);
            assertThat(trainer.store().orElseThrow().type()).isEqualTo(type);
            assertThat(trainer.updatesOnStore()).isEqualTo(expected);
        }
        assertEachFilled(x, -0.2f, SHAPE);
    }

    /** Weight and gradient dense (d) or row-sparse (s), and what was asked for. */
    @ParameterizedTest
    @CsvSource({"d, s, , false", "d, s, false, false", "d, s, true, true", "s, s, , true", "s, s, true, true"})
    void E09_rowSparseParametersAreUpdatedAsInTheTable(
            String weight, String gradient, Boolean requested, boolean expected) {
        for (String type : List.of("local", "device")) {
            for (int devices : new int[] {2, 4}) {
                List<INDArray> x = onDevices(devices, 0, SHAPE);
                TrainerBuilder builder = sparseTrainer(weight.equals("s"), x).store(type);
                if (requested != null) {
                    builder.updateOnStore(requested);
                }
                try (Trainer trainer = builder.build()) {
                    trainer.step(Map.of("x", ones(devices)), 1);
                    assertThat(trainer.store().orElseThrow().type()).isEqualTo(type);
                    assertThat(trainer.updatesOnStore()).isEqualTo(expected);
                    List<INDArray> now = weight.equals("s")
                            ? List.of(trainer.rowSparseData("x", 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
                                    .toDense())
                            : x;
                    assertEachFilled(now, -0.1f * devices, SHAPE);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void E09_rowSparseWeightsMustBeUpdatedInTheStore(String type) {
        TrainerBuilder builder = sparseTrainer(true, onDevices(2, 0, SHAPE)).store(type);
        assertThat(refused(
                        Reason.UNSUPPORTED, () -> builder.updateOnStore(false).build()))
                .hasMessageContaining("updateOnStore(false) with row-sparse weights");
    }

    private static TrainerBuilder sparseTrainer(boolean rowSparse, List<INDArray> x) {
        Optimizer optimizer = Optimizer.sgd().learningRate(0.1).build();
        return rowSparse
                ? Trainer.builder()
                        .parameter("x", RowSparse.fromDense(x.get(0)))
                        .devices(x.size())
                        .optimizer(optimizer)
                : Trainer.builder().parameter("x", x).rowSparseGradient("x").optimizer(optimizer);
    }

    private static List<RowSparse> ones(int devices) {
        return onDevices(devices, 1, SHAPE).stream().map(RowSparse::fromDense).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void E10_aLoadedValueDropsTheStoreAndTheNextStepStartsFromIt(String type) {
        List<INDArray> x = onDevices(2, 0, SHAPE);
        INDArray saved = x.get(0).dup();
        try (Trainer trainer = trainer(0.1, x).store(type).build()) {
            step(trainer, 2);
            assertEachFilled(x, -0.2f, SHAPE);
            assertThat(trainer.store()).isPresent();
            trainer.setData("x", saved);
            assertThat(trainer.store()).isEmpty();
            step(trainer, 2);
        }
        assertEachFilled(x, -0.2f, SHAPE);
        assertEachFilled(List.of(saved), 0, SHAPE);
    }
}
