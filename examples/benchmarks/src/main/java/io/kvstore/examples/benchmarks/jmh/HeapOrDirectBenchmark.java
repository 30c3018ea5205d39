package io.kvstore.examples.benchmarks.jmh;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where should a sum live, on the Java heap or in direct memory? Adds an array that lies in direct memory, as an INDArray's
 * does, into a sum on either side, by blocks of {@value #BLOCK} floats, beside a copy of it to the heap.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main
 * -Dargs=HeapOrDirectBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class HeapOrDirectBenchmark {
    private static final int BLOCK = 4096;

    @Param({"4096", "100000", "1000000", "10000000"})
    public int length;

    private final float[] scratch = new float[BLOCK];
    private FloatBuffer source;
    private FloatBuffer direct;
    private float[] heap;

    @Setup
    public void make() {
        source = direct(length);
        direct = direct(length);
        heap = new float[length];
    }

    private static FloatBuffer direct(int length) {
        return ByteBuffer.allocateDirect(length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    @Benchmark
    public float[] sumOnHeap() {
        for (int from = 0; from < length; from += BLOCK) {
            int count = Math.min(BLOCK, length - from);
            source.get(from, scratch, 0, count);
            for (int i = 0; i < count; i++) {
                heap[from + i] += scratch[i];
            }
        }
        return heap;
    }

    @Benchmark
    public FloatBuffer sumInDirectMemory() {
        for (int from = 0; from < length; from += BLOCK) {
            int end = Math.min(from + BLOCK, length);
            for (int i = from; i < end; i++) {
                direct.put(i, direct.get(i) + source.get(i));
            }
        }
        return direct;
    }

    @Benchmark
    public float[] baselineCopy() {
        source.get(0, heap, 0, length);
        return heap;
    }
}
