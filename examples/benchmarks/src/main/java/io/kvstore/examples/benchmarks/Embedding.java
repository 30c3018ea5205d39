package io.kvstore.examples.benchmarks;

import io.kvstore.KVStore;
import io.kvstore.RowSparse;
import io.kvstore.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Milliseconds of row-sparse pushes and pulls of 10 000 random rows, for two sizes of table; the pull of the whole table
 * stands beside them.
 *
 * <p>Run it with {@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am
 * -Dmain.class=io.kvstore.examples.benchmarks.Embedding}. Tables are float32 with rows of 64. Each figure is the median of
 * the timed rounds after warm-up; a push is timed until it is applied.
 */
public final class Embedding {
    private static final int ROWS = 10_000;
    private static final int LENGTH = 64;
    private static final int ROUNDS = 40;

    private Embedding() {}

    public static void main(String[] arguments) {
        System.out.println(
                "type     table rows  devices  rows pulled  assign   lazy sgd  lazy adam  whole pull   (ms)");
        for (String type : new String[] {"local", "device"}) {
            for (int tableRows : new int[] {100_000, 1_000_000}) {
                for (int devices : new int[] {1, 4}) {
                    measure(type, tableRows, devices);
                }
            }
        }
    }

    private static void measure(String type, int tableRows, int devices) {
        long[] shape = {tableRows, LENGTH};
        List<long[]> ids = ids(tableRows, 4 * devices);
        List<RowSparse> gradients = gradients(shape, ids);
        INDArray table = Nd4j.createUninitialized(DataType.FLOAT, shape);
        try (KVStore kv = KVStore.create(type)) {
            kv.init("table", RowSparse.zeros(DataType.FLOAT, shape));
            double pull = median(round -> kv.rowSparsePull("table", turn(ids, round, devices)));
            double assign = median(round -> push(kv, turn(gradients, round, devices)));
            kv.setOptimizer(Optimizer.sgd().learningRate(0.1).build());
            double sgd = median(round -> push(kv, turn(gradients, round, devices)));
            kv.setOptimizer(Optimizer.named("adam").learningRate(0.1).build());
            double adam = median(round -> push(kv, turn(gradients, round, devices)));
            double whole = median(round -> kv.pull("table", table));
            System.out.printf(
                    Locale.ROOT,
                    "%-8s %10d %8d %12.2f %7.2f %10.2f %10.2f %11.1f%n",
                    type,
                    tableRows,
                    devices,
                    pull,
                    assign,
                    sgd,
                    adam,
                    whole);
        }
    }

    private static void push(KVStore kv, List<RowSparse> gradients) {
        kv.push("table", gradients);
        kv.flush();
    }

    private static List<long[]> ids(int tableRows, int count) {
        Random random = new Random(61);
        List<long[]> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(random.longs(ROWS, 0, tableRows).distinct().toArray());
        }
        return ids;
    }

    private static List<RowSparse> gradients(long[] shape, List<long[]> ids) {
        List<RowSparse> gradients = new ArrayList<>();
        for (long[] each : ids) {
            gradients.add(RowSparse.of(shape, each, Nd4j.ones(DataType.FLOAT, each.length, LENGTH)));
        }
        return gradients;
    }

    /** The items of a round, one for each device. */
    private static <T> List<T> turn(List<T> items, int round, int devices) {
        int first = round * devices % items.size();
        return items.subList(first, first + devices);
    }

    private interface Round {
        void run(int round);
    }

    private static double median(Round task) {
        double[] millis = new double[ROUNDS];
        for (int round = 0; round < 2 * ROUNDS; round++) { // the first half warms up
            long start = System.nanoTime();
            task.run(round);
            millis[round % ROUNDS] = (System.nanoTime() - start) / 1e6;
        }
        Arrays.sort(millis);
        return millis[ROUNDS / 2];
    }
}
