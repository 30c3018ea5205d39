package io.kvstore.examples.benchmarks;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntConsumer;

/**
 * Where should a sum live, on the Java heap or in direct memory? Adds arrays that lie in direct memory, as an INDArray's do,
 * into a sum on either side, by blocks of 4096 floats.
 *
 * <p>Run it with {@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am
 * -Dmain.class=io.kvstore.examples.benchmarks.HeapOrDirect}.
 */
public final class HeapOrDirect {
    private static final int BLOCK = 4096;
    private static final int ROUNDS = 41;

    private HeapOrDirect() {}

    public static void main(String[] arguments) {
        System.out.println("floats      heap us   direct us   direct / heap");
        for (int length : new int[] {4096, 100_000, 1_000_000, 10_000_000}) {
            FloatBuffer source = direct(length);
            float[] heap = new float[length];
            FloatBuffer direct = direct(length);
            float[] scratch = new float[BLOCK];
            IntConsumer toHeap = from -> addToHeap(source, heap, scratch, from, length);
            IntConsumer toDirect = from -> addToDirect(source, direct, from, length);
            double[] onHeap = new double[ROUNDS];
            double[] onDirect = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) { // in turn, so that both meet the same disturbances
                onHeap[round] = micros(length, toHeap);
                onDirect[round] = micros(length, toDirect);
            }
            double heapMicros = median(onHeap);
            double directMicros = median(onDirect);
            System.out.printf(
                    Locale.ROOT,
                    "%8d %10.1f %11.1f %15.2f%n",
                    length,
                    heapMicros,
                    directMicros,
                    directMicros / heapMicros);
        }
    }

    private static FloatBuffer direct(int length) {
        return ByteBuffer.allocateDirect(length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    private static void addToHeap(FloatBuffer source, float[] sum, float[] scratch, int from, int length) {
        int count = Math.min(BLOCK, length - from);
        source.get(from, scratch, 0, count);
        for (int i = 0; i < count; i++) {
            sum[from + i] += scratch[i];
        }
    }

    private static void addToDirect(FloatBuffer source, FloatBuffer sum, int from, int length) {
        int end = Math.min(from + BLOCK, length);
        for (int i = from; i < end; i++) {
            sum.put(i, sum.get(i) + source.get(i));
        }
    }

    private static double micros(int length, IntConsumer block) {
        int repeats = Math.max(1, 2_000_000 / length);
        long start = System.nanoTime();
        for (int repeat = 0; repeat < repeats; repeat++) {
            for (int from = 0; from < length; from += BLOCK) {
                block.accept(from);
            }
        }
        return (System.nanoTime() - start) / 1e3 / repeats;
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }
}
