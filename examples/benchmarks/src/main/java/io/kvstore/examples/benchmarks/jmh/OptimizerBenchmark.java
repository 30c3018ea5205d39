package io.kvstore.examples.benchmarks.jmh;

import io.kvstore.Key;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import java.util.List;
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
 * One update of {@value #LENGTH} float32 weights by each optimizer with its default settings, beside a plain loop of
 * {@code weight -= rate * gradient} and beside a copy.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main
 * -Dargs=OptimizerBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class OptimizerBenchmark {
    private static final int LENGTH = 100_000;
    private static final Key KEY = Key.of("weight");

    /** A rule and what it remembers. */
    @State(Scope.Thread)
    public static class Rule {
        @Param({
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
            "test"
        })
        public String optimizer;

        private Optimizer rule;
        private List<DenseTensor> states;
        private long updates;

        @Setup
        public void make(OptimizerBenchmark tensors) {
            rule = Optimizer.named(optimizer).build();
            states = OptimizerKernel.newStates(rule, tensors.weight, new BufferPool(0));
        }
    }

    private final DenseTensor weight = Samples.tensor(LENGTH);
    private final DenseTensor gradient = Samples.tensor(LENGTH);

    @Benchmark
    public DenseTensor update(Rule of) {
        OptimizerKernel.apply(of.rule, KEY, ++of.updates, weight, gradient, of.states);
        return weight;
    }

    @Benchmark
    public float[] baselinePlainLoop() {
        float[] weights = weight.floats();
        float[] gradients = gradient.floats();
        for (int i = 0; i < LENGTH; i++) {
            weights[i] -= 0.01f * gradients[i];
        }
        return weights;
    }

    @Benchmark
    public float[] baselineCopy() {
        System.arraycopy(gradient.floats(), 0, weight.floats(), 0, LENGTH);
        return weight.floats();
    }
}
