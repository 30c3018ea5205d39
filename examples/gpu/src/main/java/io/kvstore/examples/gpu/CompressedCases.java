package io.kvstore.examples.gpu;

import static io.kvstore.examples.gpu.Samples.KEYS;
import static io.kvstore.examples.gpu.Samples.S44;
import static io.kvstore.examples.gpu.Samples.filled;
import static io.kvstore.examples.gpu.Samples.fromEach;

import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.compression.Decoding;
import io.kvstore.compression.GradientCompression;
import io.kvstore.compression.Residuals;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Group H: gradients that come packed. */
final class CompressedCases {
    private static final long SEED = 59;
    private static final int RATE = 2;
    private static final int ROUNDS = 10;

    private CompressedCases() {}

    static void H03_oneBitOfOnesIsOneForEveryThresholdBelowOne(Store store) {
        for (double threshold : new double[] {-0.5, 0, 0.5}) {
            for (int devices : new int[] {1, 4}) {
                Sender sender = new Sender(store, GradientCompression.oneBit(threshold), devices);
                for (int i = 1; i <= ROUNDS; i++) {
                    sender.pushAndExpect(1, RATE * i);
                }
                for (int i = ROUNDS - 1; i >= 0; i--) {
                    sender.pushAndExpect(-1, RATE * i);
                }
                sender.close();
            }
        }
    }

    static void H05_twoBitsSendTheThresholdOnceItHasGathered(Store store) {
        for (int devices : new int[] {1, 4}) {
            Sender sender = new Sender(store, GradientCompression.twoBit(0.5), devices);
            for (int i = 0; i < ROUNDS; i++) {
                sender.pushAndExpect(0, 0);
            }
            double[] pushed = {0.4, 0.2, 0.2, 0.2};
            int[] sent = {0, 1, 1, 2};
            for (int i = 0; i < pushed.length; i++) {
                sender.pushAndExpect(pushed[i], 0.5 * RATE * sent[i]);
            }
            for (int i = 1; i <= ROUNDS; i++) {
                sender.pushAndExpect(-0.5, 0.5 * RATE * (2 - i)); // H06
            }
            sender.close();
        }
    }

    static void H08_sumsOfTwoBitCodesHaveTheHostsBits(Store store) {
        sums(store, GradientCompression.twoBit(0.3));
    }

    static void H09_sumsOfOneBitCodesHaveTheHostsBits(Store store) {
        sums(store, GradientCompression.oneBit(0.1));
    }

    private static void sums(Store store, GradientCompression compression) {
        Random random = new Random(SEED);
        Residuals residuals = new Residuals(compression, new BufferPool());
        for (int length : new int[] {1, 15, 16, 17, 33, 4097, 100_003}) {
            Key key = Key.of(length);
            Shape shape = Shape.of(length);
            store.init(key, DenseTensor.zeros(DType.FLOAT32, shape));
            KeyInfo info = store.context().info(key).orElseThrow();
            for (int devices : new int[] {1, 2, 5}) {
                residuals.send(info, Samples.reals(devices, DType.FLOAT32, shape, random), packed -> {
                    List<Dense> decoded = packed.stream()
                            .map(tensor -> Decoding.of((EncodedTensor) tensor))
                            .toList();
                    DenseTensor expected = DenseTensor.zeros(DType.FLOAT32, shape);
                    Kernels.sum(decoded, expected, Kernels.DEVICE_GROUP);
                    Expect.equal(expected, store.pushPull(key, packed), compression + ", sum of codes, seed " + SEED);
                    return null;
                });
            }
        }
        residuals.close();
    }

    /** What devices of a program do: each keeps what its code did not carry. */
    private static final class Sender {
        private final Store store;
        private final Residuals residuals;
        private final int devices;

        Sender(Store store, GradientCompression compression, int devices) {
            this.store = store;
            this.devices = devices;
            residuals = new Residuals(compression, new BufferPool());
            store.rule(Optimizer.of("test", Map.of("rescale_grad", RATE)));
            KEYS.forEach(key -> store.init(key, filled(0, S44)));
        }

        /** Every key has {@code perDevice} times the number of devices in every element. */
        void pushAndExpect(double value, double perDevice) {
            for (Key key : KEYS) {
                KeyInfo info = store.context().info(key).orElseThrow();
                residuals.send(info, fromEach(devices, filled(value, S44)), packed -> {
                    store.push(key, packed);
                    return null;
                });
                Expect.equal(filled(perDevice * devices, S44), store.pull(key), "value of key " + key);
            }
        }

        void close() {
            residuals.close();
            KEYS.forEach(store::delete);
        }
    }
}
