package io.kvstore.examples.benchmarks.jmh;

import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
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
 * One block of {@value #LENGTH} elements to float32 and back, for each other type that a store keeps, beside a copy.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main -Dargs=CastBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class CastBenchmark {
    private static final int LENGTH = 4096;

    /** The other type, and elements of it. */
    @State(Scope.Thread)
    public static class Other {
        @Param({"FLOAT64", "FLOAT16", "BFLOAT16", "INT8", "UINT8", "INT32", "INT64"})
        public DType dtype;

        private Object elements;

        @Setup
        public void make(CastBenchmark of) {
            elements = Casts.cast(DenseTensor.of(of.floats), dtype).data();
        }
    }

    private final float[] floats = hundreds();
    private final float[] into = new float[LENGTH];

    /** Integers must have something to keep. */
    private static float[] hundreds() {
        float[] values = Samples.floats(LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            values[i] *= 100;
        }
        return values;
    }

    @Benchmark
    public float[] toFloat32(Other from) {
        Casts.toFloats(from.dtype, from.elements, 0, into, 0, LENGTH);
        return into;
    }

    @Benchmark
    public Object fromFloat32(Other to) {
        Casts.fromFloats(floats, 0, to.dtype, to.elements, 0, LENGTH);
        return to.elements;
    }

    @Benchmark
    public float[] baselineCopy() {
        System.arraycopy(floats, 0, into, 0, LENGTH);
        return into;
    }
}
