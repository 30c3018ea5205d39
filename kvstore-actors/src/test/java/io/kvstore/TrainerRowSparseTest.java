package io.kvstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Parameters of which a step touches some rows. */
class TrainerRowSparseTest {
    private static final long[] SHAPE = {6, 2};
    private static final Optimizer PLAIN = Optimizer.sgd().learningRate(1).build();

    private static INDArray filled(double value, long... shape) {
        return Nd4j.valueArrayOf(shape, value, DataType.FLOAT);
    }

    private static RowSparse rows(double value, long... ids) {
        return RowSparse.of(SHAPE, ids, filled(value, ids.length, 2));
    }

    private static KVStoreException refused(Reason reason, ThrowingCallable call) {
        KVStoreException refusal = catchThrowableOfType(KVStoreException.class, call);
        assertThat(refusal).as("the call is refused").isNotNull();
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    static Stream<Optimizer> optimizers() {
        Stream<Optimizer> named = Stream.of("adam", "adagrad", "ftrl", "test", "nag", "lamb")
                .map(name -> Optimizer.of(name, Map.of("learning_rate", 0.05, "wd", 0.01)));
        Optimizer momentum = Optimizer.sgd()
                .learningRate(0.1)
                .momentum(0.9)
                .wd(0.01)
                .multiPrecision(true)
                .build();
        return Stream.concat(
                Stream.of(
                        PLAIN, momentum, momentum.toBuilder().lazyUpdate(false).build()),
                named);
    }

    /** Rows are updated by themselves here and in place there; with one device there need not even be a store. */
    @ParameterizedTest
    @MethodSource("optimizers")
    void rowSparseGradientsGiveTheSameBitsHereAndInTheStore(Optimizer optimizer) {
        for (String type : List.of("local", "device")) {
            assertThat(trained(optimizer, 4, type, false))
                    .as("%s, seed 5", type)
                    .isEqualTo(trained(optimizer, 4, type, true));
        }
        assertThat(trained(optimizer, 1, null, false)).as("seed 5").isEqualTo(trained(optimizer, 1, "local", true));
    }

    private static List<DenseTensor> trained(Optimizer optimizer, int devices, String given, boolean onStore) {
        Random random = new Random(5);
        Map<String, List<INDArray>> parameters = new LinkedHashMap<>();
        parameters.put("table", random(random, devices, DataType.FLOAT, 40, 3));
        parameters.put("halves", random(random, devices, DataType.BFLOAT16, 9, 2, 2));
        parameters.put(
                "columns",
                random(random, devices, DataType.DOUBLE, 5, 7).stream()
                        .map(INDArray::transpose)
                        .toList());
        parameters.put("dense", random(random, devices, DataType.FLOAT, 4));
        TrainerBuilder builder = Trainer.builder()
                .parameters(parameters)
                .rowSparseGradient("table", "halves", "columns")
                .updateOnStore(onStore)
                .optimizer(optimizer);
        KVStore kv = given == null ? null : KVStore.create(given);
        try (Trainer trainer = (given == null ? builder : builder.store(kv)).build()) {
            for (int step = 0; step < 4; step++) {
                Map<String, List<?>> gradients = new LinkedHashMap<>();
                parameters.forEach((name, replicas) -> gradients.put(
                        name,
                        name.equals("dense")
                                ? random(random, devices, DataType.FLOAT, 4)
                                : randomRows(random, devices, replicas.get(0))));
                trainer.step(gradients, 2 + step);
            }
        } finally {
            if (kv != null) {
                kv.close();
            }
        }
        return parameters.values().stream()
                .flatMap(List::stream)
                .map(Tensor::copyOf)
                .toList();
    }

    /** A device's rows are its own; one has none. */
    private static List<RowSparse> randomRows(Random random, int devices, INDArray like) {
        return IntStream.range(0, devices)
                .mapToObj(device -> {
                    int count = device == 1 ? 0 : 1 + random.nextInt(3);
                    long[] ids = random.longs(0, like.size(0))
                            .distinct()
                            .limit(count)
                            .toArray();
                    long[] shape = like.shape().clone();
                    shape[0] = count;
                    return count == 0
                            ? RowSparse.zeros(like.dataType(), like.shape())
                            : RowSparse.of(
                                    like.shape(),
                                    ids,
                                    random(random, 1, like.dataType(), shape).get(0));
                })
                .toList();
    }

    private static List<INDArray> random(Random random, int devices, DataType type, long... shape) {
        return IntStream.range(0, devices)
                .mapToObj(device -> {
                    INDArray array = Nd4j.create(type, shape);
                    for (long i = 0; i < array.length(); i++) {
                        array.putScalar(i, random.nextGaussian());
                    }
                    return array;
                })
                .toList();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rowsThatNoDeviceGivesAreLeftAlone(boolean onStore) {
        List<INDArray> w = List.of(filled(4, SHAPE), filled(4, SHAPE));
        Optimizer decaying = PLAIN.toBuilder().wd(0.5).build();
        try (Trainer trainer = Trainer.builder()
                .parameter("w", w)
                .rowSparseGradient("w")
                .updateOnStore(onStore)
                .optimizer(decaying)
                .build()) {
            trainer.step(Map.of("w", List.of(rows(1, 5, 0), rows(2, 0))), 1);
        }
        for (INDArray replica : w) { // 4 - 0.5 * 4 - gradient
            assertThat(replica.toFloatMatrix())
                    .isDeepEqualTo(new float[][] {{-1, -1}, {4, 4}, {4, 4}, {4, 4}, {4, 4}, {1, 1}});
        }
    }

    @Test
    void replicasOfAParameterWithRowSparseGradientsBeginEqual() {
        List<INDArray> w = List.of(filled(1, SHAPE), filled(2, SHAPE));
        try (Trainer trainer = Trainer.builder()
                .parameter("w", w)
                .rowSparseGradient("w")
                .optimizer(PLAIN)
                .build()) {
            trainer.initialise();
            assertThat(w.get(1).toFloatMatrix()).isDeepEqualTo(w.get(0).toFloatMatrix());
            assertThat(w.get(1).getDouble(5, 1)).isEqualTo(1);
        }
    }

    @Test
    void reducedRowsAreNewValuesForTheUpdate() {
        List<INDArray> w = List.of(filled(0, SHAPE), filled(0, SHAPE));
        List<INDArray> b = List.of(filled(0, 3), filled(0, 3));
        List<RowSparse> given = List.of(rows(1, 1, 3), rows(2, 3));
        try (Trainer trainer = Trainer.builder()
                .parameter("w", w)
                .parameter("b", b)
                .rowSparseGradient("w")
                .updateOnStore(false)
                .optimizer(PLAIN)
                .build()) {
            List<INDArray> dense = List.of(filled(1, 3), filled(2, 3));
            Map<String, List<Object>> reduced = trainer.allReduceGradients(Map.of("w", given, "b", dense));
            RowSparse sum = RowSparse.of(SHAPE, new long[] {1, 3}, new float[][] {{1, 1}, {3, 3}});
            assertThat(reduced).containsOnlyKeys("w", "b");
            assertThat(reduced.get("w")).containsExactly(sum, sum);
            assertThat(reduced.get("b"))
                    .usingElementComparator((x, y) -> x == y ? 0 : 1)
                    .isEqualTo(dense);
            trainer.update(reduced, 2);
        }
        w.forEach(replica -> assertThat(replica.toFloatMatrix())
                .isDeepEqualTo(new float[][] {{0, 0}, {-0.5f, -0.5f}, {0, 0}, {-1.5f, -1.5f}, {0, 0}, {0, 0}}));
        b.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly(-1.5f));
    }

    private static TrainerBuilder tableTrainer() {
        return Trainer.builder()
                .parameter("w", rows(1, 0, 2))
                .devices(2)
                .optimizer(PLAIN.toBuilder().momentum(0.5).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void aRowSparseWeightLiesInTheStoreAndIsReadByRows(String type) {
        try (Trainer trainer = tableTrainer().store(type).build()) {
            assertThat(trainer.rowSparseData("w", 2, 1, 2))
                    .isEqualTo(RowSparse.of(SHAPE, new long[] {1, 2}, new float[][] {{0, 0}, {1, 1}}));
            trainer.step(Map.of("w", List.of(rows(1, 2), rows(1, 2, 5))), 1);
            assertThat(trainer.rowSparseData("w", 0, 2, 5))
                    .isEqualTo(RowSparse.of(SHAPE, new long[] {0, 2, 5}, new float[][] {{1, 1}, {-1, -1}, {-1, -1}}));
            assertThat(trainer.rowSparseData("w").ids()).isEmpty();
        }
    }

    /** MXNet would go on with the first value. */
    @Test
    void aResetKeepsARowSparseWeightAndForgetsItsMomentum() {
        try (KVStore given = KVStore.create("local")) {
            for (TrainerBuilder builder :
                    List.of(tableTrainer().store("local"), tableTrainer().store(given))) {
                try (Trainer trainer = builder.build()) {
                    trainer.step(Map.of("w", List.of(rows(1, 2), rows(1, 2))), 1); // v = -2
                    trainer.reset();
                    trainer.step(Map.of("w", List.of(rows(1, 2), rows(1, 2))), 1); // v = -2 again
                    assertThat(trainer.rowSparseData("w", 0, 2))
                            .isEqualTo(RowSparse.of(SHAPE, new long[] {0, 2}, new float[][] {{1, 1}, {-3, -3}}));
                }
            }
        }
    }

    @Test
    void aRowSparseWeightIsSetByARowSparseValue() {
        List<INDArray> b = List.of(filled(0, 3), filled(0, 3));
        try (Trainer trainer = tableTrainer().parameter("b", b).build()) {
            Map<String, ?> gradients =
                    Map.of("w", List.of(rows(1, 2), rows(1, 2)), "b", List.of(filled(1, 3), filled(1, 3)));
            trainer.step(gradients, 1);
            trainer.setData("w", rows(9, 1));
            assertThat(trainer.rowSparseData("w", 1, 2))
                    .isEqualTo(RowSparse.of(SHAPE, new long[] {1, 2}, new float[][] {{9, 9}, {0, 0}}));
            trainer.setData("b", filled(5, 3));
            assertThat(trainer.rowSparseData("w", 1)).isEqualTo(rows(9, 1));
            assertThat(refused(Reason.STORAGE_MISMATCH, () -> trainer.setData("w", filled(1, SHAPE))))
                    .hasMessageContaining("key 'w'");
            assertThat(refused(Reason.STORAGE_MISMATCH, () -> trainer.setData("b", rows(1, 1))))
                    .hasMessageContaining("key 'b'");
            refused(Reason.SHAPE_MISMATCH, () -> trainer.setData("w", RowSparse.zeros(DataType.FLOAT, 5, 2)));
            trainer.step(gradients, 1);
            b.forEach(replica -> assertThat(replica.toFloatVector()).containsOnly(3));
        }
    }

    @Test
    void statesOfARowSparseWeightOutliveSavingAndLoading(@TempDir Path directory) {
        Path file = directory.resolve("states");
        List<RowSparse> weights = new ArrayList<>();
        try (Trainer trainer = tableTrainer().build()) {
            trainer.step(Map.of("w", List.of(rows(1, 2), rows(1, 2))), 1);
            trainer.saveStates(file);
            weights.add(trainer.rowSparseData("w", 0, 1, 2, 3, 4, 5));
            trainer.step(Map.of("w", List.of(rows(1, 2), rows(1, 3))), 1);
            weights.add(trainer.rowSparseData("w", 0, 1, 2, 3, 4, 5));
        }
        try (Trainer trainer = tableTrainer().build()) {
            trainer.setData("w", weights.get(0));
            trainer.loadStates(file);
            trainer.step(Map.of("w", List.of(rows(1, 2), rows(1, 3))), 1);
            assertThat(trainer.rowSparseData("w", 0, 1, 2, 3, 4, 5)).isEqualTo(weights.get(1));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGradientOfTheOtherStorageIsRefused(boolean onStore) {
        List<INDArray> w = List.of(filled(0, SHAPE), filled(0, SHAPE));
        List<INDArray> b = List.of(filled(0, SHAPE), filled(0, SHAPE));
        List<RowSparse> sparse = List.of(rows(1, 1), rows(1, 1));
        try (Trainer trainer = Trainer.builder()
                .parameter("w", w)
                .parameter("b", b)
                .rowSparseGradient("w")
                .updateOnStore(onStore)
                .optimizer(PLAIN)
                .build()) {
            assertThat(refused(Reason.STORAGE_MISMATCH, () -> trainer.step(Map.of("w", w, "b", b), 1)))
                    .hasMessageContaining("key 'w'")
                    .hasMessageContaining("RowSparse.fromDense");
            assertThat(refused(Reason.STORAGE_MISMATCH, () -> trainer.step(Map.of("w", sparse, "b", sparse), 1)))
                    .hasMessageContaining("key 'b'")
                    .hasMessageContaining("rowSparseGradient");
            RowSparse other = RowSparse.zeros(DataType.FLOAT, 5, 2);
            assertThat(refused(
                            Reason.SHAPE_MISMATCH,
                            () -> trainer.step(Map.of("w", List.of(rows(1, 1), other), "b", b), 1)))
                    .hasMessageContaining("key 'w'")
                    .hasMessageContaining("gradient of device 1");
            refused(Reason.INVALID_ARGUMENT, () -> trainer.step(Map.of("w", List.of(rows(1, 1), "rows"), "b", b), 1));
        }
        Stream.of(w, b)
                .flatMap(List::stream)
                .forEach(
                        replica -> assertThat(replica.sumNumber().doubleValue()).isZero());
    }

    @Test
    void rowsAreReadOfRowSparseWeightsWithinTheirRange() {
        try (Trainer trainer = tableTrainer()
                .parameter("b", List.of(filled(0, 3), filled(0, 3)))
                .build()) {
            assertThat(refused(Reason.STORAGE_MISMATCH, () -> trainer.rowSparseData("b", 1)))
                    .hasMessageContaining("key 'b'");
            assertThat(refused(Reason.OUT_OF_RANGE, () -> trainer.rowSparseData("w", 6)))
                    .hasMessageContaining("key 'w'");
            refused(Reason.INVALID_ARGUMENT, () -> trainer.rowSparseData("x", 1));
            refused(Reason.INVALID_ARGUMENT, () -> trainer.rowSparseData(null, 1));
        }
    }

    @Test
    void aBuilderRefusesDeclarationsThatDoNotFit() {
        List<INDArray> w = List.of(filled(0, SHAPE), filled(0, SHAPE));
        TrainerBuilder builder = Trainer.builder().parameter("w", w).optimizer(PLAIN);
        assertThat(refused(Reason.INVALID_ARGUMENT, () -> builder.devices(3).build()))
                .hasMessageContaining("devices(3) of parameters that lie on 2");
        refused(Reason.INVALID_ARGUMENT, () -> builder.devices(0));
        assertThat(refused(
                        Reason.INVALID_ARGUMENT,
                        () -> builder.devices(2).rowSparseGradient("x").build()))
                .hasMessageContaining("'x'")
                .hasMessageContaining("[w]");
        assertThat(refused(
                        Reason.INVALID_ARGUMENT,
                        () -> Trainer.builder()
                                .parameter("s", Nd4j.scalar(1f))
                                .rowSparseGradient("s")
                                .optimizer(PLAIN)
                                .build()))
                .hasMessageContaining("key 's'");
        refused(
                Reason.UNSUPPORTED_DTYPE,
                () -> Trainer.builder().parameter("i", RowSparse.zeros(DataType.INT64, 3, 2)));
    }

    @Test
    void compressionIsRefusedForWhatItCannotPack() {
        TrainerBuilder sparse = tableTrainer().compression(GradientCompression.twoBit(0.5));
        assertThat(refused(Reason.UNSUPPORTED, sparse::build))
                .hasMessageContaining("key 'w'")
                .hasMessageContaining("row-sparse");
        INDArray doubles = filled(0, 3).castTo(DataType.DOUBLE);
        assertThat(refused(
                        Reason.UNSUPPORTED,
                        () -> Trainer.builder()
                                .parameter("d", List.of(doubles, doubles.dup()))
                                .compression(GradientCompression.twoBit(0.5))
                                .optimizer(PLAIN)
                                .build()))
                .hasMessageContaining("key 'd'")
                .hasMessageContaining("float64");
        tableTrainer().compression(GradientCompression.none()).build().close();
    }
}
