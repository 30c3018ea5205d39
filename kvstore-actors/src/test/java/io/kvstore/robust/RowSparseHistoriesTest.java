package io.kvstore.robust;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.RowSparse;
import io.kvstore.Updater;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.robust.RowSparseModel.Rule;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Random pushes of rows and of whole arrays, pulls of rows and of whole values, against the model, bit by bit. Gradients are
 * small integers, so that no sum rounds.
 */
class RowSparseHistoriesTest {
    private static final int STEPS = 20;
    private static final Updater ADD = (key, received, stored) -> stored.addi(received);
    private static final DType[] TYPES = {DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.INT32, DType.INT64};
    private static final List<Rule> RULES = rules();

    private static List<Rule> rules() {
        List<Rule> rules = new ArrayList<>(List.of(new Rule(null, false), new Rule(null, true)));
        for (boolean lazy : new boolean[] {true, false}) {
            rules.add(new Rule(
                    Optimizer.sgd().momentum(0.9).wd(0.01).lazyUpdate(lazy).build(), false));
            for (String name : List.of("sgd", "adagrad", "adam", "ftrl", "nag")) {
                rules.add(new Rule(
                        Optimizer.named(name)
                                .learningRate(0.1)
                                .wd(0.01)
                                .lazyUpdate(lazy)
                                .build(),
                        false));
            }
        }
        return rules;
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anyHistoryOfRowsIsThatOfADenseTable(String type) {
        runAll(type, 1, 150);
    }

    /** On simulated GPUs. */
    @ParameterizedTest
    @ValueSource(strings = {"device_on_gpu", "device_2_on_gpu", "device_4_on_2_gpus", "device_on_gpus_apart"})
    void anyHistoryOfRowsOnGpusIsThatOfADenseTable(String type) {
        runAll(type, 1, 40);
    }

    @Tag("thorough")
    @ParameterizedTest
    @ValueSource(strings = {"device_on_gpu", "device_2_on_gpu", "device_4_on_2_gpus", "device_on_gpus_apart"})
    void anyOfManyHistoriesOfRowsOnGpusIsThatOfADenseTable(String type) {
        runAll(type, 2_000_000, 1_000);
    }

    @Tag("thorough")
    @ParameterizedTest
    @ValueSource(strings = {"local", "device"})
    void anyOfManyHistoriesOfRowsIsThatOfADenseTable(String type) {
        runAll(type, 1_000_000, 3_000);
    }

    private static void runAll(String type, long firstSeed, int count) {
        try (KVStore kv = KVStore.builder().type(type).devices(2).build()) {
            for (long seed = firstSeed; seed < firstSeed + count; seed++) {
                new History(kv, seed).run();
            }
            assertThat(kv.stats().inFlightBytes()).isZero();
            assertThat(kv.stats().liveBytes()).as("bytes of deleted keys").isZero();
        }
    }

    /** One key's life. */
    private static final class History {
        private final KVStore kv;
        private final long seed;
        private final Random random;
        private final Key key;
        private final Shape shape;
        private final DType dtype;
        private final boolean rowSparse;
        private final Rule rule;
        private RowSparseModel model;

        History(KVStore kv, long seed) {
            this.kv = kv;
            this.seed = seed;
            random = new Random(seed);
            key = Key.of("key " + seed);
            shape = Shape.of(LongStream.generate(() -> 1 + random.nextInt(5))
                    .limit(1 + random.nextInt(3))
                    .toArray());
            dtype = TYPES[random.nextInt(TYPES.length)];
            rowSparse = random.nextInt(4) > 0;
            rule = RULES.get(random.nextInt(dtype.isFloating() ? RULES.size() : 2));
        }

        void run() {
            try {
                begin();
                for (int step = 0; step < STEPS; step++) {
                    step();
                }
                kv.delete(key);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError(this + ": " + e.getMessage(), e);
            }
        }

        private void begin() {
            if (rule.optimizer() != null) {
                kv.setOptimizer(rule.optimizer());
            } else {
                kv.setUpdater(rule.adds() ? ADD : null);
            }
            RowSparse rows = rows();
            kv.init(List.of(key), List.of(rowSparse ? rows : rows.toDense()));
            model = new RowSparseModel(key, rule, rows.tensor().toDense());
            assertThat(kv.info(key).orElseThrow().rowSparse()).isEqualTo(rowSparse);
        }

        private void step() {
            switch (random.nextInt(4)) {
                case 0 -> assertThat(Tensor.copyOf(kv.pull(key))).isEqualTo(model.value());
                case 1 -> pullRows();
                default -> push();
            }
        }

        private void pullRows() {
            if (!rowSparse) {
                return;
            }
            List<long[]> ids = new ArrayList<>();
            for (int device = random.nextInt(3); device >= 0; device--) {
                ids.add(random.longs(random.nextInt(8), 0, shape.extent(0)).toArray());
            }
            List<RowSparse> pulled = kv.rowSparsePull(key, ids);
            for (int device = 0; device < ids.size(); device++) {
                assertThat(pulled.get(device).tensor())
                        .isEqualTo(RowSparseTensor.gather(model.value(), ids.get(device)));
            }
        }

        private void push() {
            List<Object> values = new ArrayList<>();
            DenseTensor sum = DenseTensor.zeros(dtype, shape);
            LongStream given = LongStream.empty();
            int form = random.nextInt(3); // rows, dense, mixed
            for (int device = random.nextInt(5); device >= 0; device--) {
                RowSparse rows = rows();
                boolean dense = form == 1 || form == 2 && random.nextBoolean();
                values.add(dense ? rows.toDense() : rows);
                sum.add(0, rows.tensor().toDense(), 0, sum.length());
                given = given == null || dense ? null : LongStream.concat(given, Arrays.stream(rows.ids()));
            }
            model.push(sum, given == null ? null : given.toArray());
            if (random.nextBoolean()) {
                kv.push(key, values);
                return;
            }
            INDArray out = Nd4j.createUninitialized(NdView.typeOf(dtype), shape.toArray());
            kv.pushPull(key, values, List.of(out));
            assertThat(Tensor.copyOf(out)).isEqualTo(model.value());
        }

        private RowSparse rows() {
            long[] ids = random.longs(random.nextInt(6), 0, shape.extent(0))
                    .distinct()
                    .toArray();
            float[][] rows = new float[ids.length][(int) shape.rowLength()];
            for (float[] row : rows) {
                for (int i = 0; i < row.length; i++) {
                    row[i] = random.nextInt(9) - 4;
                }
            }
            RowSparse floats = RowSparse.of(shape.toArray(), ids, rows);
            return RowSparse.of(shape.toArray(), floats.ids(), floats.rows().castTo(NdView.typeOf(dtype)));
        }

        @Override
        public String toString() {
            return "seed " + seed + ", " + (rowSparse ? "row-sparse " : "dense ") + dtype + shape + ", " + rule;
        }
    }
}
