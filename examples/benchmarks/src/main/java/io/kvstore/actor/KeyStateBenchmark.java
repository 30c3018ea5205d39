package io.kvstore.actor;

import com.typesafe.config.ConfigFactory;
import io.kvstore.KVStoreSettings;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
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
 * A push of one gradient and a pull by the logic of a key alone, without actors, and so in the package of {@link KeyState};
 * beside two copies of as many floats, which is what the two need at least.
 *
 * <p>{@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am -Dmain.class=org.openjdk.jmh.Main
 * -Dargs=KeyStateBenchmark}
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public class KeyStateBenchmark {
    /** How the key applies pushes. */
    @State(Scope.Thread)
    public static class Rule {
        @Param({"assign", "sgd"})
        public String rule;

        private Direct key;

        @Setup
        public void make(KeyStateBenchmark of) {
            Optimizer optimizer =
                    rule.equals("assign") ? null : Optimizer.named(rule).build();
            key = new Direct(new KeyConfig(1, optimizer, null));
            key.state.init(of.gradient, key);
        }
    }

    @Param({"16", "4096"})
    public int length;

    private DenseTensor gradient;
    private final float[][] copies = new float[2][];

    @Setup
    public void make() {
        gradient = DenseTensor.zeros(DType.FLOAT32, Shape.of(length));
        copies[0] = new float[length];
        copies[1] = new float[length];
    }

    @Benchmark
    public DenseTensor pushThenPull(Rule of) {
        Direct key = of.key;
        key.state.push(List.of(gradient), Origin.none(), false, key);
        key.state.pull(Reading.latest(), key);
        DenseTensor value = key.value;
        value.release();
        return value;
    }

    @Benchmark
    public float[][] baselineTwoCopies() {
        System.arraycopy(gradient.floats(), 0, copies[0], 0, length);
        System.arraycopy(copies[0], 0, copies[1], 0, length);
        return copies;
    }

    /** Carries out commits at once, as a key of a {@code local} store does, and keeps the last value it was given. */
    private static final class Direct implements KeyState.Effects<Direct> {
        private final BufferPool pool = KVStoreSettings.of(ConfigFactory.load()).newPool();
        private final HostCommit host = new HostCommit(pool, Kernels.LOCAL_GROUP);
        private final KeyState<Direct> state;
        private DenseTensor value;

        Direct(KeyConfig config) {
            state = new KeyState<>(Key.of("w"), new KeyRecords(), pool, config, 1, this);
        }

        @Override
        public void commit(Commit commit) {
            state.committed(commit, host.carryOut(commit));
        }

        @Override
        public void value(Direct to, long version, DenseTensor current) {
            value = current;
        }

        @Override
        public void done(Direct to, long version) {}

        @Override
        public void refused(Direct to, Reason reason, String message) {
            throw new IllegalStateException(reason + ": " + message);
        }

        @Override
        public void part(Direct to, PartReply reply) {
            throw unexpected("part");
        }

        @Override
        public void states(Direct to, KeyConfig config, OptimizerState states) {
            throw unexpected("states");
        }

        @Override
        public void rows(Direct to, long version, RowSparseTensor rows) {
            throw unexpected("rows");
        }

        @Override
        public DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients) {
            throw unexpected("fold");
        }

        @Override
        public KeyConfig config(long version) {
            throw unexpected("config");
        }

        @Override
        public String place(long bytes) {
            return "host";
        }

        @Override
        public void unplace(KeyRecord record) {
            throw unexpected("unplace");
        }

        private static IllegalStateException unexpected(String effect) {
            return new IllegalStateException("neither push nor pull of a key in one JVM has the effect " + effect);
        }
    }
}
