package io.kvstore.cluster.conformance;

import static io.kvstore.cluster.conformance.Values.BIG;
import static io.kvstore.cluster.conformance.Values.IRR;
import static io.kvstore.cluster.conformance.Values.S23;
import static io.kvstore.cluster.conformance.Values.assertFilled;
import static io.kvstore.cluster.conformance.Values.filled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.cluster.TestServers;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Gradient compression on the way to servers: one residual per key and worker (MXNet: tests/nightly/dist_sync_kvstore.py). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressionTest {
    private static final int RATE = 2;
    private static final int ROUNDS = 7;
    private static final List<long[]> SHAPES = List.of(S23, IRR, BIG);

    private final int n = workers();
    private TestServers servers;

    int workers() {
        return 2;
    }

    int servers() {
        return 2;
    }

    @BeforeAll
    void start() {
        servers = TestServers.start(servers(), "");
    }

    @AfterAll
    void stop() {
        servers.close();
    }

    private static Optimizer test() {
        return Optimizer.named("test").rescaleGrad(RATE).build();
    }

    @Test
    void H01_distributedStoresTakeACompressionAndRefuseAWrongOne() {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setGradientCompression(Map.of("type", "2bit"));
                assertThatThrownBy(() -> kv.setGradientCompression(Map.of("type", "3bit")))
                        .hasMessageContaining("3bit");
                assertThatThrownBy(() -> kv.setGradientCompression(Map.of("type", "2bit", "threshold", 0)))
                        .hasMessageContaining("threshold");
                return null;
            });
        }
    }

    @Test
    void J01_valuesAreInitialisedAsTheyAre() {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setGradientCompression(GradientCompression.oneBit(0));
                for (int i = 0; i < SHAPES.size(); i++) {
                    kv.init("zero" + i, filled(0, SHAPES.get(i)));
                    kv.init("one" + i, filled(1, SHAPES.get(i)));
                    assertFilled(kv.pull("zero" + i), 0);
                    assertFilled(kv.pull("one" + i), 1);
                }
                return null;
            });
        }
    }

    @Test
    void J02_onesAndMinusOnesCancel() {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setGradientCompression(GradientCompression.oneBit(0));
                kv.setOptimizer(test());
                for (int i = 0; i < SHAPES.size(); i++) {
                    kv.init(i, filled(0, SHAPES.get(i)));
                    kv.push(i, filled(1, SHAPES.get(i)));
                    assertFilled(kv.pull(i), RATE * n);
                    kv.push(i, filled(-1, SHAPES.get(i)));
                    assertFilled(kv.pull(i), 0);
                }
                return null;
            });
        }
    }

    @Test
    void J04_oneBitCarriesWhatWasNotSent() {
        carriesWhatWasNotSent(GradientCompression.oneBit(0));
    }

    @Test
    void J06_twoBitsCarryWhatWasNotSent() {
        carriesWhatWasNotSent(GradientCompression.twoBit(0.5));
    }

    /** All workers push the same; what they make of it is computed here element by element. */
    private void carriesWhatWasNotSent(GradientCompression compression) {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setGradientCompression(compression);
                kv.setOptimizer(test());
                for (int i = 0; i < SHAPES.size(); i++) {
                    long[] shape = SHAPES.get(i);
                    kv.init(i, filled(0, shape));
                    float[] residual = new float[(int) (shape[0] * shape[1])];
                    INDArray expected = filled(0, shape);
                    for (int round = 0; round < ROUNDS; round++) {
                        float[] values = new float[residual.length];
                        Random random = new Random(100L * round + i);
                        for (int k = 0; k < values.length; k++) {
                            values[k] = random.nextFloat();
                        }
                        INDArray gradient = Nd4j.create(values.clone(), shape);
                        float[] sent = values;
                        for (int k = 0; k < sent.length; k++) {
                            residual[k] += sent[k];
                            sent[k] = decoded(compression, residual[k]);
                            residual[k] -= sent[k];
                        }
                        expected.addi(Nd4j.create(sent, shape).muli(n * RATE));
                        kv.push(i, gradient);
                        Values.assertEqual(kv.pull(i), expected);
                    }
                }
                return null;
            });
        }
    }

    private static float decoded(GradientCompression compression, float value) {
        if (compression.type().equals("1bit")) {
            return value > 0 ? 1 : -1;
        }
        return value >= 0.5f ? 0.5f : value <= -0.5f ? -0.5f : 0;
    }

    @Test
    void J08_otherTypesAndRowsAreRefusedAndPushPullIsPacked() {
        try (Workers workers = Workers.of(servers, "dist_sync", n, "")) {
            workers.all(kv -> {
                kv.setGradientCompression(GradientCompression.twoBit(0.5));
                kv.init("half", filled(DataType.BFLOAT16, 1, S23));
                kv.init("rows", RowSparse.fromDense(filled(1, S23)));
                kv.init("w", filled(0, BIG));
                assertThatThrownBy(() -> kv.push("half", filled(DataType.BFLOAT16, 1, S23)))
                        .isInstanceOfSatisfying(
                                KVStoreException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED_DTYPE));
                assertThatThrownBy(() -> kv.push("rows", RowSparse.fromDense(filled(1, S23))))
                        .isInstanceOfSatisfying(
                                KVStoreException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE_MISMATCH));
                INDArray value = filled(0.6, BIG);
                kv.pushPull("w", value);
                assertFilled(value, n * 0.5);
                kv.setGradientCompression(GradientCompression.none());
                kv.pushPull("w", filled(0.25, BIG), value);
                assertFilled(value, n * 0.25);
                return null;
            });
        }
    }
}
