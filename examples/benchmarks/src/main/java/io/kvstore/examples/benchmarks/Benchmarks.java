package io.kvstore.examples.benchmarks;

import io.kvstore.KVStore;
import io.kvstore.optimizer.Optimizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Rounds per second of this store in one JVM: push of all keys in one call, then pull of all keys in one call.
 *
 * <p>Run it with {@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am}. Bytes count what all devices push and
 * what all outputs receive, float32. Each line is the median of the timed rounds after warm-up.
 */
public final class Benchmarks {
    private static final double SECONDS_PER_CASE = 2;

    private Benchmarks() {}

    public static void main(String[] arguments) {
        System.out.println("type     keys   floats/key  devices  rule    round ms   GB/s    key operations/s");
        for (String type : new String[] {"local", "device"}) {
            for (int devices : new int[] {1, 2, 4}) {
                measure(type, 1000, 16, devices, false);
                measure(type, 100, 10_000, devices, false);
                measure(type, 8, 1_000_000, devices, false);
                measure(type, 8, 1_000_000, devices, true);
            }
        }
    }

    private static void measure(String type, int keys, int floats, int devices, boolean sgd) {
        try (KVStore kv = KVStore.builder().type(type).build()) {
            List<Integer> names = new ArrayList<>();
            List<List<INDArray>> gradients = new ArrayList<>();
            List<List<INDArray>> outs = new ArrayList<>();
            for (int key = 0; key < keys; key++) {
                names.add(key);
                gradients.add(arrays(floats, devices, 1e-3));
                outs.add(arrays(floats, devices, 0));
                kv.init(key, Nd4j.zeros(DataType.FLOAT, floats));
            }
            if (sgd) {
                kv.setOptimizer(Optimizer.sgd().learningRate(0.1).build());
            }
            double millis = medianMillis(() -> {
                kv.push(names, gradients);
                kv.pull(names, outs);
            });
            double bytes = 2.0 * keys * floats * devices * Float.BYTES;
            System.out.printf(
                    Locale.ROOT,
                    "%-8s %5d %11d %8d  %-6s %9.3f %7.2f %12.0f%n",
                    type,
                    keys,
                    floats,
                    devices,
                    sgd ? "sgd" : "assign",
                    millis,
                    bytes / millis / 1e6,
                    2.0 * keys / millis * 1e3);
        }
    }

    private static List<INDArray> arrays(int floats, int devices, double value) {
        List<INDArray> arrays = new ArrayList<>();
        for (int device = 0; device < devices; device++) {
            arrays.add(Nd4j.valueArrayOf(new long[] {floats}, value, DataType.FLOAT));
        }
        return arrays;
    }

    private static double medianMillis(Runnable round) {
        run(round, SECONDS_PER_CASE / 2);
        double[] millis = run(round, SECONDS_PER_CASE);
        Arrays.sort(millis);
        return millis[millis.length / 2];
    }

    private static double[] run(Runnable round, double seconds) {
        List<Double> millis = new ArrayList<>();
        long end = System.nanoTime() + (long) (seconds * 1e9);
        while (System.nanoTime() < end || millis.isEmpty()) {
            long start = System.nanoTime();
            round.run();
            millis.add((System.nanoTime() - start) / 1e6);
        }
        return millis.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
