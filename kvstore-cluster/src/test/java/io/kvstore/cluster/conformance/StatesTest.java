package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.assertEqual;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.cluster.TestServers;
import io.kvstore.optimizer.Optimizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the optimizer remembers of keys that are cut into many slices, saved to a worker's file and loaded from it. */
class StatesTest {
    private static final String SLICES = "kvstore.slice-bytes = 4 KiB";
    private static final long SEED = 20260117;
    private static final Optimizer ADAM = Optimizer.adam().learningRate(0.01).build();
    private static TestServers servers;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        servers = TestServers.start(2, SLICES);
    }

    @AfterAll
    static void stop() {
        servers.close();
    }

    private Path file() {
        return directory.resolve(UUID.randomUUID() + ".states");
    }

    /** Of one slice, of a last slice that is not full, of 16 bits, whose states are twice as large, and of rows. */
    private static Map<String, Object> model() {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("one", filled(1, 2, 3));
        model.put("many", filled(1, 71, 53));
        model.put("half", filled(DataType.FLOAT16, 1, 61, 67));
        model.put("rows", RowSparse.of(new long[] {300, 11}, new long[] {2, 299}, filled(1, 2, 11)));
        model.put("still", filled(1, 40, 40)); // is never pushed
        return model;
    }

    private static void init(KVStore kv, Optimizer optimizer) {
        kv.setOptimizer(optimizer);
        kv.init(List.copyOf(model().keySet()), List.copyOf(model().values()));
    }

    /** Gradients of whole numbers, so that sums do not depend on their order. */
    private static Map<String, Object> gradients(long seed) {
        Random random = new Random(seed);
        Map<String, Object> gradients = new LinkedHashMap<>();
        model().forEach((key, value) -> {
            if (value instanceof INDArray array && !key.equals("still")) {
                gradients.put(key, whole(random, array.dataType(), array.shape()));
            }
        });
        gradients.put(
                "rows",
                RowSparse.of(new long[] {300, 11}, new long[] {2, 77, 299}, whole(random, DataType.FLOAT, 3, 11)));
        return gradients;
    }

    private static INDArray whole(Random random, DataType type, long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextInt(9) - 4);
        }
        return array.castTo(type);
    }

    private static void push(KVStore kv, Map<String, Object> gradients) {
        kv.push(List.copyOf(gradients.keySet()), List.copyOf(gradients.values()));
    }

    private static List<INDArray> pull(KVStore kv) {
        List<INDArray> values = new ArrayList<>();
        for (String key : List.of("one", "many", "half", "still")) {
            values.add(kv.pull(key));
        }
        values.add(kv.rowSparsePull("rows", Values.allRows(300)).rows());
        return values;
    }

    private static void assertSame(List<INDArray> actual, List<INDArray> expected) {
        for (int i = 0; i < expected.size(); i++) {
            assertEqual(actual.get(i), expected.get(i));
        }
    }

    /** The file of a local store that was pushed the same in two rounds. */
    private byte[] localFile(Optimizer optimizer, boolean dump) throws IOException {
        Path file = file();
        try (KVStore kv = KVStore.create("local")) {
            init(kv, optimizer);
            for (int round = 0; round < 2; round++) {
                Map<String, Object> first = gradients(SEED + round);
                Map<String, Object> second = gradients(SEED + 100 + round);
                List<Object> both = new ArrayList<>();
                first.forEach((key, value) -> both.add(sum(value, second.get(key))));
                kv.push(List.copyOf(first.keySet()), both);
            }
            kv.saveOptimizerStates(file, dump);
        }
        return Files.readAllBytes(file);
    }

    private static Object sum(Object a, Object b) {
        return a instanceof RowSparse first
                ? RowSparse.of(first.shape(), first.ids(), first.rows().add(((RowSparse) b).rows()))
                : ((INDArray) a).add((INDArray) b);
    }

    private static void train(KVStore kv) {
        for (int round = 0; round < 2; round++) {
            push(kv, gradients(SEED + 100L * kv.rank() + round));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void I11_statesOfAllPartsAreInOneFileLikeThoseOfALocalStore(boolean dump) throws IOException {
        Optimizer optimizer = ADAM.toBuilder().multiPrecision(true).build();
        Path file = file();
        try (Workers workers = Workers.of(servers, "dist_sync", 2, SLICES)) {
            workers.all(kv -> {
                init(kv, optimizer);
                train(kv);
                if (kv.rank() == 1) {
                    kv.saveOptimizerStates(file, dump);
                }
                return null;
            });
        }
        assertThat(Files.readAllBytes(file)).isEqualTo(localFile(optimizer, dump));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void I11_trainingGoesOnFromLoadedStatesAsIfItHadNotStopped(boolean byAll) {
        Path file = file();
        List<INDArray> then = new ArrayList<>();
        List<INDArray> expected = new ArrayList<>();
        try (Workers workers = Workers.of(servers, "dist_sync", 2, SLICES)) {
            workers.all(kv -> {
                init(kv, ADAM);
                train(kv);
                if (kv.rank() == 0) {
                    kv.saveOptimizerStates(file, true);
                    then.addAll(pull(kv));
                }
                kv.barrier();
                push(kv, gradients(SEED + 7 + kv.rank()));
                List<INDArray> values = pull(kv);
                if (kv.rank() == 0) {
                    expected.addAll(values);
                }
                return null;
            });
        }
        try (Workers workers = Workers.of(servers, "dist_sync", 2, SLICES)) {
            List<List<INDArray>> resumed = workers.all(kv -> {
                kv.setOptimizer(Optimizer.sgd().learningRate(7).build());
                List<String> dense = List.of("one", "many", "half", "still");
                kv.init(dense, then.subList(0, 4));
                kv.init("rows", RowSparse.of(new long[] {300, 11}, Values.allRows(300), then.get(4)));
                if (byAll || kv.rank() == 1) {
                    kv.loadOptimizerStates(file);
                }
                kv.barrier();
                push(kv, gradients(SEED + 7 + kv.rank()));
                return pull(kv);
            });
            resumed.forEach(values -> assertSame(values, expected));
        }
    }

    @Test
    void loadedStatesAreTheSavedOnes() throws IOException {
        Path saved = file();
        Path again = file();
        try (Workers workers = Workers.of(servers, "dist_async", 2, SLICES)) {
            workers.all(kv -> {
                init(kv, ADAM);
                train(kv);
                kv.flush();
                kv.barrier();
                if (kv.rank() == 0) {
                    kv.saveOptimizerStates(saved);
                }
                kv.barrier();
                train(kv);
                kv.flush();
                kv.barrier();
                kv.loadOptimizerStates(saved); // by both at once
                kv.barrier();
                if (kv.rank() == 1) {
                    kv.saveOptimizerStates(again);
                }
                return null;
            });
        }
        assertThat(Files.readAllBytes(again)).isEqualTo(Files.readAllBytes(saved));
    }

    @Test
    void aWorkerSavesKeysThatOnlyOthersKnow() throws IOException {
        Path known = file();
        Path unknown = file();
        try (Workers workers = Workers.of(servers, "dist_async", 2, SLICES)) {
            workers.all(kv -> {
                kv.setOptimizer(ADAM);
                if (kv.rank() == 0) {
                    kv.init("a", filled(1, 71, 53));
                    kv.push("a", filled(1, 71, 53));
                    kv.flush();
                    kv.saveOptimizerStates(known);
                }
                kv.barrier();
                if (kv.rank() == 1) {
                    kv.saveOptimizerStates(unknown);
                }
                return null;
            });
        }
        assertThat(Files.readAllBytes(unknown)).isEqualTo(Files.readAllBytes(known));
    }

    @ParameterizedTest
    @ValueSource(strings = {"dist_sync", "dist_async"})
    void whatIsSavedWhileOthersTrainCanBeLoaded(String type) {
        try (Workers workers = Workers.of(servers, type, 2, SLICES)) {
            workers.all(kv -> {
                init(kv, ADAM);
                return null;
            });
            Future<Void> training = workers.start(0, kv -> {
                for (int round = 0; round < 30; round++) {
                    push(kv, gradients(SEED + round));
                }
                kv.flush();
                kv.barrier();
                return null;
            });
            Future<Void> saving = workers.start(1, kv -> {
                Path file = file();
                for (int round = 0; round < 30; round++) {
                    push(kv, gradients(SEED - round));
                    if (round % 5 == 0) {
                        kv.saveOptimizerStates(file, true);
                    }
                }
                kv.flush();
                kv.barrier();
                kv.loadOptimizerStates(file);
                return null;
            });
            Workers.get(training);
            Workers.get(saving);
        }
    }

    @Test
    void aFileThatDoesNotFitChangesNothing() throws IOException {
        Path before = file();
        Path after = file();
        Path other = file();
        try (KVStore kv = KVStore.create("local")) {
            kv.setOptimizer(ADAM);
            kv.init("one", filled(1, 2, 3));
            kv.init("many", filled(1, 72, 53));
            kv.push("one", filled(1, 2, 3));
            kv.push("many", filled(1, 72, 53));
            kv.saveOptimizerStates(other);
        }
        try (Workers workers = Workers.of(servers, "dist_sync", 1, SLICES)) {
            workers.all(kv -> {
                init(kv, ADAM);
                train(kv);
                kv.saveOptimizerStates(before);
                assertThatThrownBy(() -> kv.loadOptimizerStates(other))
                        .isInstanceOfSatisfying(
                                KVStoreException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.SHAPE_MISMATCH))
                        .hasMessageContaining("many");
                kv.saveOptimizerStates(after);
                return null;
            });
        }
        assertThat(Files.readAllBytes(after)).isEqualTo(Files.readAllBytes(before));
    }

    @Test
    void withoutAnOptimizerNothingIsSavedOrLoaded() {
        Path file = file();
        try (Workers workers = Workers.of(servers, "dist_sync", 1, SLICES)) {
            workers.all(kv -> {
                kv.init("one", filled(1, 2, 3));
                assertThatThrownBy(() -> kv.saveOptimizerStates(file)).hasMessageContaining("call setOptimizer first");
                assertThatThrownBy(() -> kv.loadOptimizerStates(file)).hasMessageContaining("call setOptimizer first");
                return null;
            });
        }
        assertThat(file).doesNotExist();
    }
}
