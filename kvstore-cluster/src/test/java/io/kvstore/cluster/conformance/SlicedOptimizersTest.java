package io.kvstore.cluster.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.Key;
import io.kvstore.RowSparse;
import io.kvstore.cluster.TestServers;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.Merge;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Whole and sliced keys on clusters of several sizes, beside the optimizers' kernel applied in one place. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlicedOptimizersTest {
    private static final int WORKERS = 2;
    private static final int ROUNDS = 5;
    /** 3.3 slices of 4 KiB, which are not of whole rows. */
    private static final long[] SHAPE = {169, 20};

    private static final BufferPool POOL = new BufferPool(1 << 20);

    /** Servers and the workers of one store there. */
    private record Cluster(String name, TestServers servers, Workers workers) {
        static Cluster start(int servers, String sliceBytes) {
            String settings = "kvstore.slice-bytes = " + sliceBytes;
            TestServers started = TestServers.start(servers, settings);
            return new Cluster(
                    servers + " servers, slices of " + sliceBytes,
                    started,
                    Workers.of(started, "dist_sync", WORKERS, settings));
        }

        void close() {
            workers.close();
            servers.close();
        }
    }

    private final List<Cluster> clusters = new ArrayList<>();

    @BeforeAll
    void start() {
        clusters.add(Cluster.start(1, "4 KiB"));
        clusters.add(Cluster.start(2, "4 KiB"));
        clusters.add(Cluster.start(7, "4 KiB"));
        clusters.add(Cluster.start(2, "1 MiB"));
    }

    @AfterAll
    void stop() {
        clusters.forEach(Cluster::close);
    }

    static Stream<String> names() {
        return Stream.of(
                "adadelta",
                "adagrad",
                "adam",
                "adamax",
                "adamw",
                "dcasgd",
                "ftml",
                "ftrl",
                "lamb",
                "lars",
                "nadam",
                "nag",
                "rmsprop",
                "sgd",
                "sgld",
                "signum",
                "test");
    }

    private static Optimizer.Builder busy(String name) {
        Optimizer.Builder builder = Optimizer.named(name)
                .learningRate(0.05)
                .wd(0.01)
                .rescaleGrad(0.5)
                .clipGradient(0.9);
        if (List.of("dcasgd", "lars", "nag", "sgd", "signum").contains(name)) {
            builder.set("momentum", 0.9);
        }
        return builder;
    }

    private static INDArray values(DataType type, Random random) {
        float[] values = new float[(int) (SHAPE[0] * SHAPE[1])];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return Nd4j.create(values, SHAPE, 'c').castTo(type);
    }

    private static INDArray gradient(DataType type, int round, int rank) {
        return values(type, new Random(100L * round + rank));
    }

    @ParameterizedTest
    @MethodSource("names")
    void anyNumberOfServersAndSlicesGivesTheBitsOfOnePlace(String name) {
        sameBitsAsInOnePlace(name, DataType.FLOAT, busy(name).build());
    }

    @ParameterizedTest
    @MethodSource("normRules")
    void anyNumberOfServersAndSlicesGivesTheBitsOfOnePlaceInEveryType(String name) {
        sameBitsAsInOnePlace(name, DataType.DOUBLE, busy(name).build());
        sameBitsAsInOnePlace(name, DataType.FLOAT16, busy(name).build());
        sameBitsAsInOnePlace(
                name, DataType.BFLOAT16, busy(name).multiPrecision(true).build());
    }

    static Stream<String> normRules() {
        return Stream.of("lamb", "lars", "sgld");
    }

    private void sameBitsAsInOnePlace(String name, DataType type, Optimizer optimizer) {
        Key key = Key.of(name + " " + type + " " + optimizer.multiPrecision());
        INDArray initial = values(type, new Random(1));
        List<DenseTensor> expected = inOnePlace(key, type, optimizer, initial);
        for (Cluster cluster : clusters) {
            cluster.workers.all(kv -> {
                begin(kv, optimizer);
                kv.init(key, initial);
                for (int round = 1; round <= ROUNDS; round++) {
                    kv.push(key, gradient(type, round, kv.rank()));
                    assertThat(Tensor.copyOf(kv.pull(key)))
                            .as("%s, %s, round %d", cluster.name, key, round)
                            .isEqualTo(expected.get(round - 1));
                }
                return null;
            });
        }
    }

    /** No worker changes the optimizer while another is still in rounds with the last one. */
    private static void begin(KVStore kv, Optimizer optimizer) {
        kv.barrier();
        kv.setOptimizer(optimizer);
        kv.barrier();
    }

    private static List<DenseTensor> inOnePlace(Key key, DataType type, Optimizer optimizer, INDArray initial) {
        DenseTensor weight = Tensor.copyOf(initial);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        List<DenseTensor> values = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            List<DenseTensor> pushed = new ArrayList<>();
            for (int rank = 0; rank < WORKERS; rank++) {
                pushed.add(Tensor.copyOf(gradient(type, round, rank)));
            }
            DenseTensor sum = (DenseTensor) Merge.sum(pushed, POOL, Kernels.LOCAL_GROUP);
            OptimizerKernel.apply(optimizer, key, round, weight, sum, states);
            values.add(weight.copy());
        }
        return values;
    }

    private static RowSparse rows(int round, int rank) {
        Random random = new Random(100L * round + rank);
        long[] ids = RowSparseTensor.sortedUnique(random.longs(20, 0, SHAPE[0]).toArray());
        return RowSparse.of(SHAPE, ids, values(DataType.FLOAT, random).getRows(toInts(ids)));
    }

    private static int[] toInts(long[] ids) {
        return IntStream.range(0, ids.length).map(i -> (int) ids[i]).toArray();
    }

    @ParameterizedTest
    @MethodSource("rowSparseRules")
    void rowSparseKeysHaveTheBitsOfOnePlace(String name, boolean lazy) {
        Optimizer optimizer = busy(name).lazyUpdate(lazy).build();
        Key key = Key.of(name + " rows " + lazy);
        INDArray initial = values(DataType.FLOAT, new Random(2));
        RowSparse first = RowSparse.of(SHAPE, Values.allRows(SHAPE[0]), initial);
        DenseTensor weight = Tensor.copyOf(initial);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer, weight, POOL);
        List<DenseTensor> expected = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            RowSparseTensor sum = (RowSparseTensor)
                    Merge.sum(List.of(tensor(rows(round, 0)), tensor(rows(round, 1))), POOL, Kernels.LOCAL_GROUP);
            OptimizerKernel.applyRows(optimizer, key, round, weight, sum, states, POOL);
            expected.add(weight.copy());
        }
        for (Cluster cluster : clusters) {
            cluster.workers.all(kv -> {
                begin(kv, optimizer);
                kv.init(key, first);
                for (int round = 1; round <= ROUNDS; round++) {
                    kv.push(key, rows(round, kv.rank()));
                    RowSparse all = kv.rowSparsePull(key, Values.allRows(SHAPE[0]));
                    assertThat(Tensor.copyOf(all.rows()))
                            .as("%s, %s, round %d", cluster.name, key, round)
                            .isEqualTo(expected.get(round - 1));
                }
                return null;
            });
        }
    }

    private static RowSparseTensor tensor(RowSparse rows) {
        return RowSparseTensor.of(Shape.of(SHAPE), rows.ids(), Tensor.copyOf(rows.rows()));
    }

    static Stream<Arguments> rowSparseRules() {
        return Stream.of("lamb", "lars", "sgld", "sgd", "adam")
                .flatMap(name -> Stream.of(true, false).map(lazy -> Arguments.of(name, lazy)));
    }
}
