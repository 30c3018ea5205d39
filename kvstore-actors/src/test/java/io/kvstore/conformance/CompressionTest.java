package io.kvstore.conformance;

import static io.kvstore.conformance.Arrays.S23;
import static io.kvstore.conformance.Arrays.S44;
import static io.kvstore.conformance.Arrays.filled;
import static io.kvstore.conformance.Arrays.onDevices;
import static io.kvstore.conformance.Arrays.ones;
import static io.kvstore.conformance.Arrays.outs;
import static io.kvstore.conformance.Bits.assertEachFilled;
import static io.kvstore.conformance.Bits.assertFilled;
import static io.kvstore.conformance.Bits.assertValues;
import static io.kvstore.conformance.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.RowSparse;
import io.kvstore.compression.GradientCodec;
import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.NdView;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Group H: gradient compression in one process. */
class CompressionTest {
    private static final int RATE = 2;
    private static final int[] KEYS = {3, 5, 7};
    private static final int ROUNDS = 10;

    /** The stores that compress, with every kind of key, and how many devices push to them. */
    record Case(Subject subject, int devices) {
        static Stream<Case> all() {
            return Subject.all()
                    .filter(subject -> subject.type().equals("device"))
                    .flatMap(subject -> Stream.of(new Case(subject, 1), new Case(subject, 4)));
        }

        /** A store with upstream's test optimizer, a compression, and keys of zeros. */
        KVStore open(GradientCompression compression) {
            KVStore kv = subject.open();
            kv.setOptimizer(Optimizer.of("test", Map.of("rescale_grad", RATE)));
            kv.init(subject.keys(KEYS), onDevices(KEYS.length, 0, S44));
            kv.setGradientCompression(compression);
            return kv;
        }

        void push(KVStore kv, double value) {
            kv.push(subject.keys(KEYS), Arrays.forKeys(KEYS.length, devices, value, S44));
        }

        /** Every key has {@code perDevice} times the number of devices in every element. */
        void assertValue(KVStore kv, double perDevice) {
            for (int key : KEYS) {
                List<INDArray> outs = outs(devices, S44);
                kv.pull(subject.key(key), outs);
                assertEachFilled(outs, (float) (perDevice * devices), S44);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"local", "local_update_cpu", "local_allreduce_cpu"})
    void H01_storesThatSumOnTheHostHaveNoCompression(String type) {
        try (KVStore kv = KVStore.create(type)) {
            KVStoreException refusal =
                    refused(Reason.UNSUPPORTED, () -> kv.setGradientCompression(Map.of("type", "2bit")));
            assertThat(refusal).hasMessageContaining(type).hasMessageContaining("device");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"device", "local_allreduce_device"})
    void H01_storesThatSumOnDevicesAcceptSoundCompressionsOnly(String type) {
        try (KVStore kv = KVStore.create(type)) {
            kv.setGradientCompression(Map.of("type", "1bit", "threshold", -3));
            kv.setGradientCompression(Map.of("type", "2bit", "threshold", 0.25));
            for (Map<String, ?> wrong : List.of(
                    Map.of("type", "3bit"),
                    Map.of("threshold", 0.5),
                    Map.of("type", "2bit", "threshold", 0),
                    Map.of("type", "2bit", "threshold", -0.5),
                    Map.of("type", "2bit", "threshold", 0.5, "momentum", 1))) {
                refused(Reason.INVALID_ARGUMENT, () -> kv.setGradientCompression(wrong));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void H01_aThresholdIsOneHalfUnlessGiven(Case each) {
        try (KVStore kv = each.open(GradientCompression.of(Map.of("type", "2bit")))) {
            each.push(kv, 0.75);
            each.assertValue(kv, 0.5 * RATE);
        }
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void H02_whatIsInitialisedIsNotQuantised(Case each) {
        try (KVStore kv = each.open(GradientCompression.twoBit(0.5))) {
            kv.init(each.subject.key(9), ones(S44));
            assertFilled(kv.pull(each.subject.key(9)), 1, S44);
            each.assertValue(kv, 0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void H03_oneBitOfOnesIsOneForEveryThresholdBelowOne(Case each) {
        for (double threshold : new double[] {-0.5, 0, 0.5}) {
            try (KVStore kv = each.open(GradientCompression.oneBit(threshold))) {
                for (int i = 1; i <= ROUNDS; i++) {
                    each.push(kv, 1);
                    each.assertValue(kv, RATE * i);
                }
                for (int i = ROUNDS - 1; i >= 0; i--) {
                    each.push(kv, -1);
                    each.assertValue(kv, RATE * i);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void H05_twoBitsSendTheThresholdOnceItHasGathered(Case each) {
        try (KVStore kv = each.open(GradientCompression.twoBit(0.5))) {
            pushUntilTheThresholdWasSentTwice(each, kv);
        }
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void H06_twoBitsSendTheNegativeThresholdAtEachStep(Case each) {
        try (KVStore kv = each.open(GradientCompression.twoBit(0.5))) {
            pushUntilTheThresholdWasSentTwice(each, kv);
            for (int i = 1; i <= ROUNDS; i++) {
                each.push(kv, -0.5);
                each.assertValue(kv, 0.5 * RATE * (2 - i));
            }
        }
    }

    private static void pushUntilTheThresholdWasSentTwice(Case each, KVStore kv) {
        for (int i = 0; i < ROUNDS; i++) {
            each.push(kv, 0);
            each.assertValue(kv, 0);
        }
        double[] pushed = {0.4, 0.2, 0.2, 0.2};
        int[] sent = {0, 1, 1, 2};
        for (int i = 0; i < pushed.length; i++) {
            each.push(kv, pushed[i]);
            each.assertValue(kv, 0.5 * RATE * sent[i]);
        }
    }

    @Test
    void H08_twoBitsAreThoseOfMxnet() {
        GradientCodec codec = GradientCompression.twoBit(0.5).codec();
        float[] values = {0.5f, -0.5f, 0.49f, -0.7f};
        assertThat(codec.encoder(values).encode(0, 4)).containsExactly(0b11_10_00_10, 0, 0, 0);
        assertThat(values).containsExactly(0, 0, 0.49f, -0.7f + 0.5f);
        float[] five = {0.5f, -0.5f, 0.49f, -0.7f, 0.5f};
        assertThat(codec.encoder(five).encode(0, 5)).containsExactly(0xE2, 0b11_00_00_00, 0, 0);
    }

    @Test
    void H09_oneBitsAreThoseOfMxnet() {
        GradientCodec codec = GradientCompression.oneBit(0).codec();
        float[] values = {1, -1, 0, 0.1f, 2, -3, 0.5f, -0.5f};
        assertThat(codec.encoder(values).encode(0, 8)).containsExactly(0b1001_1010, 0, 0, 0);
        assertThat(values).containsExactly(0, 0, 1, 0.1f - 1, 1, -2, -0.5f, 0.5f);
    }

    @Test
    void H10_twoBitsFireAtTheThresholdAndOneBitOnlyAboveIt() {
        float[] two = {0.3f, -0.3f, Math.nextDown(0.3f), Math.nextUp(-0.3f)};
        assertThat(GradientCompression.twoBit(0.3).codec().encoder(two).encode(0, 4))
                .containsExactly(0b11_10_00_00, 0, 0, 0);
        float[] one = {0.3f, Math.nextUp(0.3f), Math.nextDown(0.3f)};
        assertThat(GradientCompression.oneBit(0.3).codec().encoder(one).encode(0, 3))
                .containsExactly(0b0100_0000, 0, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void J08_keysOfOtherTypesThanFloat32AreRefusedWhileCompressionIsOn(Case each) {
        try (KVStore kv = each.open(GradientCompression.twoBit(0.5))) {
            for (DType dtype : List.of(DType.FLOAT16, DType.BFLOAT16, DType.FLOAT64, DType.INT64)) {
                DataType type = NdView.typeOf(dtype);
                Key key = each.subject.key(100 + dtype.ordinal());
                kv.init(key, ones(S23).castTo(type));
                List<INDArray> gradients = onDevices(each.devices, 3, S23).stream()
                        .map(array -> array.castTo(type))
                        .toList();
                refused(Reason.UNSUPPORTED_DTYPE, key, () -> kv.push(key, gradients));
                refused(Reason.UNSUPPORTED_DTYPE, key, () -> kv.pushPull(key, gradients, gradients));
                assertFilled(kv.pull(key).castTo(DataType.FLOAT), 1, S23);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void J08_rowSparseKeysAndGradientsAreRefusedWhileCompressionIsOn(Case each) {
        try (KVStore kv = each.open(GradientCompression.twoBit(0.5))) {
            RowSparse rows = RowSparse.of(S23, new long[] {1}, new float[][] {{1, 2, 3}});
            Key sparse = each.subject.key(100);
            kv.init(sparse, rows);
            refused(Reason.STORAGE_MISMATCH, sparse, () -> kv.push(sparse, rows));
            refused(Reason.STORAGE_MISMATCH, sparse, () -> kv.push(sparse, onDevices(each.devices, 1, S23)));
            Key dense = each.subject.key(101);
            kv.init(dense, filled(0, S23));
            refused(Reason.STORAGE_MISMATCH, dense, () -> kv.push(dense, List.of(ones(S23), rows)));
            assertThat(kv.rowSparsePull(sparse, new long[] {1}).ids()).containsExactly(1);
            kv.setGradientCompression(GradientCompression.none());
            kv.push(dense, rows);
            assertValues(kv.pull(dense), new float[] {0, 0, 0, RATE, 2 * RATE, 3 * RATE}, S23);
        }
    }

    @ParameterizedTest
    @MethodSource("io.kvstore.conformance.CompressionTest$Case#all")
    void J08_pushPullPacksWhatItPushesAndPullsTheValueAsItIs(Case each) {
        try (KVStore kv = each.open(GradientCompression.twoBit(0.5))) {
            Key key = each.subject.key(3);
            List<INDArray> outs = outs(2, S44);
            kv.pushPull(key, onDevices(each.devices, 0.75, S44), outs);
            assertEachFilled(outs, 0.5f * RATE * each.devices, S44);
            kv.pushPull(key, onDevices(each.devices, 0.25, S44), outs);
            assertEachFilled(outs, RATE * each.devices, S44);
            assertFilled(kv.pull(key), RATE * each.devices, S44);
        }
    }
}
