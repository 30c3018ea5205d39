package io.kvstore.examples.benchmarks.jmh;

import io.kvstore.compression.GradientCodec;
import io.kvstore.compression.GradientCompression;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long it takes to pack a million gradients and to read them back by blocks, on one thread, beside a plain copy of them.
 * The thresholds are such that half of the elements reach them, the worst case for a processor that guesses branches.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main -Dargs=CodecBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class CodecBenchmark {
    private static final int LENGTH = 1_000_000;
    private static final int BLOCK = 4096;

    /** A codec and a payload that it made. */
    @State(Scope.Thread)
    public static class Compression {
        @Param({"1bit(threshold=0.0)", "2bit(threshold=0.5)", "fp16", "topk(ratio=0.01)"})
        public String compression;

        private GradientCodec codec;
        private byte[] payload;

        @Setup
        public void make() {
            codec = GradientCompression.parse(compression).codec();
            payload = codec.encoder(Samples.floats(LENGTH)).encode(0, LENGTH);
        }
    }

    /** Gradients that are whole before each call: an encoder leaves in them what it does not send. */
    @State(Scope.Thread)
    public static class Fresh {
        private final float[] values = new float[LENGTH];

        @Setup(Level.Invocation)
        public void refill(CodecBenchmark of) {
            System.arraycopy(of.gradient, 0, values, 0, LENGTH);
        }
    }

    private final float[] gradient = Samples.floats(LENGTH);
    private final float[] decoded = new float[LENGTH];

    @Benchmark
    public byte[] encode(Compression by, Fresh fresh) {
        return by.codec.encoder(fresh.values).encode(0, LENGTH);
    }

    @Benchmark
    public float[] decode(Compression by) {
        for (int from = 0; from < LENGTH; from += BLOCK) {
            by.codec.decode(by.payload, from, Math.min(BLOCK, LENGTH - from), decoded, from);
        }
        return decoded;
    }

    @Benchmark
    public float[] baselineCopy() {
        System.arraycopy(gradient, 0, decoded, 0, LENGTH);
        return decoded;
    }
}
