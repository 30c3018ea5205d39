package io.kvstore.examples.benchmarks.jmh;

import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.nd4j.linalg.factory.Nd4j;
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
 * The sum of what the devices of one push gave, from the Java heap (small pushes, captured) and straight from the callers'
 * INDArrays (large ones), beside one addition after the other by a plain loop and beside copies of as many arrays.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main -Dargs=SumBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class SumBenchmark {
    @Param({"1", "2", "4", "8"})
    public int devices;

    @Param({"4096", "1000000"})
    public int length;

    private final List<DenseTensor> tensors = new ArrayList<>();
    private final List<Dense> arrays = new ArrayList<>();
    private DenseTensor sum;

    @Setup
    public void make() {
        sum = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
        for (int device = 0; device < devices; device++) {
            DenseTensor values = Samples.tensor(length);
            tensors.add(values);
            arrays.add(new BorrowedTensor(Nd4j.createFromArray(values.floats()), () -> {}));
        }
    }

    @Benchmark
    public DenseTensor fromHeap() {
        Kernels.sum(tensors, sum);
        return sum;
    }

    @Benchmark
    public DenseTensor fromNdArrays() {
        Kernels.sum(arrays, sum);
        return sum;
    }

    @Benchmark
    public float[] baselinePlainLoop() {
        float[] into = sum.floats();
        System.arraycopy(tensors.get(0).floats(), 0, into, 0, length);
        for (int device = 1; device < devices; device++) {
            float[] values = tensors.get(device).floats();
            for (int i = 0; i < length; i++) {
                into[i] += values[i];
            }
        }
        return into;
    }

    @Benchmark
    public float[] baselineCopies() {
        float[] into = sum.floats();
        for (DenseTensor values : tensors) {
            System.arraycopy(values.floats(), 0, into, 0, length);
        }
        return into;
    }
}
