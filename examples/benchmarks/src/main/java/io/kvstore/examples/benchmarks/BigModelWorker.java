package io.kvstore.examples.benchmarks;

import io.kvstore.KVStore;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A worker of {@link BigModel}: 186 keys of a million floats and one of 64 million, 1 GB in all, initialised, then pushed and
 * pulled whole in each round, every value compared.
 *
 * <p>In turn, both workers push at once; the second waits, so that the sums of all keys are open on the server; the first
 * waits, so that the second's pushes come before their turn.
 */
public final class BigModelWorker {
    private static final int SMALL_KEYS = 186;
    private static final int SMALL = 1_000_000;
    private static final int LARGE = 64_000_000;
    private static final int ROUNDS = 9;
    private static final long WAIT_MILLIS = 5_000;

    private final KVStore kv;
    private final INDArray small = pattern(SMALL);
    private final INDArray large = pattern(LARGE);

    private BigModelWorker(KVStore kv) {
        this.kv = kv;
    }

    public static void main(String[] arguments) throws InterruptedException {
        try (KVStore kv = KVStore.create("dist_sync")) {
            new BigModelWorker(kv).train();
        }
    }

    private void train() throws InterruptedException {
        for (int key = 0; key <= SMALL_KEYS; key++) {
            kv.init(key, gradient(key));
        }
        System.out.println("model initialised");
        for (int round = 1; round <= ROUNDS; round++) {
            kv.barrier();
            long start = System.nanoTime();
            if (round % 3 != 1 && kv.rank() == (round % 3 == 2 ? 1 : 0)) {
                Thread.sleep(WAIT_MILLIS);
            }
            push(round);
            pull(round);
            System.out.printf(Locale.ROOT, "round %d: %.1f s%n", round, (System.nanoTime() - start) / 1e9);
        }
    }

    private void push(int round) {
        for (int key = 0; key <= SMALL_KEYS; key++) {
            try (INDArray pushed = gradient(key).mul(factor(round, key, kv.rank()))) {
                kv.push(key, pushed);
            }
        }
    }

    private void pull(int round) {
        List<Integer> ranks = IntStream.range(0, kv.numWorkers()).boxed().toList();
        for (int key = 0; key <= SMALL_KEYS; key++) {
            int each = key;
            int sum = ranks.stream().mapToInt(rank -> factor(round, each, rank)).sum();
            try (INDArray pulled = kv.pull(key);
                    INDArray expected = gradient(key).mul(sum)) {
                if (!pulled.equalsWithEps(expected, 0)) {
                    throw new IllegalStateException("key " + key + " of round " + round + " is not " + sum
                            + " times the pattern, its first value is " + pulled.getFloat(0));
                }
            }
        }
    }

    /** Small enough for products and sums to be exact. */
    private static int factor(int round, int key, int rank) {
        return round + key % 7 + 10 * rank;
    }

    private INDArray gradient(int key) {
        return key < SMALL_KEYS ? small : large;
    }

    private static INDArray pattern(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = 1 + i % 997;
        }
        return Nd4j.create(values, new long[] {length}, DataType.FLOAT);
    }
}
