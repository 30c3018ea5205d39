package io.kvstore.cluster.conformance;

import io.kvstore.KVStore;
import io.kvstore.RowSparse;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One seeded training of several keys by {@code n} workers: with momentum, then with Adam, and then one key with packed
 * gradients. A worker gives its own gradients; a single process gives those of all, as if of {@code n} devices.
 */
final class Sequence {
    private static final GradientCompression PACKED = GradientCompression.twoBit(0.25);
    private static final int ROUNDS = 3;

    /** By name: smaller than a slice, larger, not a multiple of one, and rows. */
    private static final Map<String, long[]> SHAPES = shapes();

    private final long seed;
    private final int n;

    Sequence(long seed, int n) {
        this.seed = seed;
        this.n = n;
    }

    private static Map<String, long[]> shapes() {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put("small", new long[] {3, 5});
        shapes.put("large", new long[] {250, 600});
        shapes.put("odd", new long[] {100_001});
        shapes.put("half", new long[] {70, 501});
        shapes.put("rows", new long[] {3000, 33});
        shapes.put("packed", new long[] {90_003});
        return shapes;
    }

    /** The values of all keys after each part, as one worker sees them. */
    Map<String, DenseTensor> ofWorker(KVStore kv) {
        return run(kv, new int[] {kv.rank()});
    }

    /** The same in a store of one process, which sums the same numbers in the same order. */
    Map<String, DenseTensor> inOneProcess() {
        int[] all = new int[n];
        for (int rank = 0; rank < n; rank++) {
            all[rank] = rank;
        }
        try (KVStore kv = KVStore.builder().type("device").devices(n).build()) {
            return run(kv, all);
        }
    }

    private Map<String, DenseTensor> run(KVStore kv, int[] ranks) {
        Map<String, DenseTensor> seen = new LinkedHashMap<>();
        SHAPES.keySet().forEach(key -> kv.init(List.of(key), List.of(value(key, new Random(seed), 1))));
        kv.setOptimizer(Optimizer.sgd()
                .learningRate(0.1)
                .momentum(0.9)
                .wd(0.01)
                .set("multi_precision", true)
                .build());
        rounds(kv, ranks, 0, "momentum", seen);
        kv.setOptimizer(
                Optimizer.adam().learningRate(0.01).set("multi_precision", true).build());
        rounds(kv, ranks, 1, "adam", seen);
        kv.setGradientCompression(PACKED);
        for (int round = 0; round < ROUNDS; round++) {
            kv.push(List.of("packed"), List.of(gradients("packed", ranks, 2, round)));
        }
        see(kv, "packed", "packed", seen);
        return seen;
    }

    private void rounds(KVStore kv, int[] ranks, int part, String name, Map<String, DenseTensor> seen) {
        for (int round = 0; round < ROUNDS; round++) {
            for (String key : SHAPES.keySet()) {
                kv.push(List.of(key), List.of(gradients(key, ranks, part, round)));
            }
            kv.pull("large"); // so that some rounds are waited for, and others follow at once
        }
        SHAPES.keySet().forEach(key -> see(kv, key, name, seen));
    }

    private static void see(KVStore kv, String key, String part, Map<String, DenseTensor> seen) {
        seen.put(key + " after " + part, Tensor.copyOf(kv.pull(key)));
    }

    private List<Object> gradients(String key, int[] ranks, int part, int round) {
        List<Object> gradients = new ArrayList<>(ranks.length);
        for (int rank : ranks) {
            Random random = new Random(seed * 31 + key.hashCode() * 17L + 1000L * part + 100L * round + rank);
            gradients.add(value(key, random, 0.5));
        }
        return gradients;
    }

    private static Object value(String key, Random random, double part) {
        long[] shape = SHAPES.get(key);
        if (!key.equals("rows")) {
            return filled(random, shape).castTo(key.equals("half") ? DataType.FLOAT16 : DataType.FLOAT);
        }
        long[] ids = random.longs((long) (shape[0] * part), 0, shape[0]).toArray();
        return RowSparse.summing(shape, ids, filled(random, ids.length, shape[1]));
    }

    private static INDArray filled(Random random, long... shape) {
        INDArray array = Nd4j.create(DataType.FLOAT, shape);
        for (long i = 0; i < array.length(); i++) {
            array.putScalar(i, random.nextFloat() - 0.5f);
        }
        return array;
    }
}
