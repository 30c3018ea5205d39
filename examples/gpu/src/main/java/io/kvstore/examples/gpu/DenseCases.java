package io.kvstore.examples.gpu;

import static io.kvstore.examples.gpu.Samples.BIG;
import static io.kvstore.examples.gpu.Samples.KEY;
import static io.kvstore.examples.gpu.Samples.KEYS;
import static io.kvstore.examples.gpu.Samples.S23;
import static io.kvstore.examples.gpu.Samples.S44;
import static io.kvstore.examples.gpu.Samples.everyRow;
import static io.kvstore.examples.gpu.Samples.filled;
import static io.kvstore.examples.gpu.Samples.fromEach;
import static io.kvstore.examples.gpu.Samples.ones;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Groups A, B, C, G and M: values that are whole arrays. */
final class DenseCases {
    private static final long SEED = 47;
    private static final int[] LENGTHS = {1, 3, 127, 128, 4097, 100_003};

    private DenseCases() {}

    static void A01_pullGivesTheInitialValue(Store store) {
        for (Key key : KEYS) {
            store.init(key, filled(4, S44));
            Expect.equal(filled(4, S44), store.pull(key), "value");
        }
    }

    static void A02_pushReplacesTheValue(Store store) {
        for (Key key : KEYS) {
            store.init(key, filled(0, S44));
            store.push(key, fromEach(1, ones(S44)));
            store.push(key, fromEach(1, filled(3, S44)));
            Expect.equal(filled(3, S44), store.pull(key), "value");
        }
    }

    static void A03_aRowSparsePushReachesADenseKey(Store store) {
        store.init(KEY, filled(0, S44));
        store.push(KEY, List.of(everyRow(ones(S44))));
        Expect.equal(ones(S44), store.pull(KEY), "value");
    }

    static void A05_whatSeveralDevicesPushIsSummed(Store store) {
        for (Key key : KEYS) {
            store.init(key, filled(0, S44));
            for (int devices = 1; devices <= 9; devices++) {
                store.push(key, fromEach(devices, filled(2, S44)));
                Expect.equal(filled(2 * devices, S44), store.pull(key), "sum of " + devices);
            }
        }
    }

    static void A07_rowSparseAndDensePushesAreSummed(Store store) {
        store.init(KEY, filled(0, S44));
        store.push(KEY, List.of(everyRow(ones(S44)), everyRow(filled(2, S44)), everyRow(filled(3, S44))));
        Expect.equal(filled(6, S44), store.pull(KEY), "sum of rows");
        store.push(KEY, List.of(ones(S44), everyRow(filled(2, S44)), filled(4, S44)));
        Expect.equal(filled(7, S44), store.pull(KEY), "sum of rows and arrays");
    }

    static void A09_initAfterAPushWorks(Store store) {
        store.init(KEYS.get(0), filled(0, S44));
        store.push(KEYS.get(0), fromEach(4, ones(S44)));
        store.init(KEYS.get(1), filled(0, S44));
        Expect.equal(filled(4, S44), store.pull(KEYS.get(0)), "pushed value");
        Expect.equal(filled(0, S44), store.pull(KEYS.get(1)), "new value");
    }

    static void B11_theDefaultSgdStepsByAHundredth(Store store) {
        store.rule(Optimizer.sgd().build());
        for (Key key : KEYS) {
            store.init(key, filled(0, S23));
            store.push(key, fromEach(1, ones(S23)));
            Expect.equal(filled(-0.01f, S23), store.pull(key), "weight");
        }
    }

    static void C01_aPushedVectorComesBackAsItWas(Store store) {
        DenseTensor value = DenseTensor.of(new float[] {0, 233, -0.12f, 9});
        store.init(KEY, value);
        Expect.equal(value, store.pull(KEY), "initial value");
        DenseTensor odd = DenseTensor.of(new float[] {-0f, Float.MIN_VALUE, Float.NEGATIVE_INFINITY, -4.4f});
        Expect.equal(odd, store.pushPull(KEY, List.of(odd)), "pushed value");
    }

    static void E02_anOptimizerTakesManyPushesToSeveralKeys(Store store) {
        store.rule(Optimizer.of("test", Map.of("rescale_grad", 2)));
        KEYS.forEach(key -> store.init(key, filled(1, S44)));
        for (int push = 1; push <= 4; push++) {
            for (Key key : KEYS) {
                DenseTensor value = store.pushPull(key, fromEach(4, ones(S44)));
                Expect.equal(filled(1 + 8 * push, S44), value, "value after push " + push);
            }
        }
    }

    static void G04_aSecondInitIsRefused(Store store) {
        store.init(KEY, ones(S44));
        store.refuses(Reason.ALREADY_INITIALIZED, KEY, new KeyCommand.Init(filled(9, S44), null));
        Expect.equal(ones(S44), store.pull(KEY), "value");
    }

    static void G05_aKeyWithoutValueRefusesAndCanBeInitialisedLater(Store store) {
        store.refuses(Reason.NOT_INITIALIZED, KEY, new KeyCommand.Pull(null));
        store.refuses(Reason.NOT_INITIALIZED, KEY, Store.pushOf(List.of(ones(S44))));
        store.init(KEY, ones(S44));
        store.delete(KEY);
        store.refuses(Reason.NOT_INITIALIZED, KEY, new KeyCommand.Pull(null));
        store.init(KEY, filled(2, S23));
        Expect.equal(filled(2, S23), store.pull(KEY), "value");
    }

    static void G06_aPushOfAnotherShapeOrTypeIsRefused(Store store) {
        store.init(KEY, ones(S23));
        for (Shape other : List.of(S44, Shape.of(3, 2), Shape.of(6), Shape.of(1, 2, 3))) {
            store.refuses(Reason.SHAPE_MISMATCH, KEY, Store.pushOf(List.of(filled(2, other))));
            store.refuses(Reason.SHAPE_MISMATCH, KEY, Store.pushOf(List.of(filled(2, S23), filled(2, other))));
            store.refuses(Reason.SHAPE_MISMATCH, KEY, Store.pushPullOf(List.of(filled(2, other))));
        }
        store.refuses(Reason.DTYPE_MISMATCH, KEY, Store.pushOf(List.of(DenseTensor.zeros(DType.FLOAT64, S23))));
        store.refuses(Reason.INVALID_ARGUMENT, KEY, Store.pushOf(List.of()));
        Expect.equal(ones(S23), store.pull(KEY), "value");
    }

    static void G08_thePushedArrayIsTheSendersAgain(Store store) {
        for (Shape shape : List.of(S44, BIG)) {
            Key key = Key.of((int) shape.extent(0));
            store.init(key, filled(0, shape));
            DenseTensor gradient = ones(shape);
            store.push(key, List.of(gradient));
            gradient.fillZero(0, gradient.length());
            Expect.equal(ones(shape), store.pull(key), "value after the sender wrote into its array");
        }
    }

    static void M05_sumsOfEveryTypeHaveTheHostsBits(Store store) {
        Random random = new Random(SEED);
        for (DType dtype : DType.values()) {
            for (int length : LENGTHS) {
                Key key = Key.of(length + 1_000_000 * dtype.ordinal());
                Shape shape = Shape.of(length);
                store.init(key, DenseTensor.zeros(dtype, shape));
                for (int devices : new int[] {1, 2, 3, 8, 10}) {
                    check(store, key, Samples.integers(devices, dtype, shape, random));
                    if (dtype.isFloating()) {
                        check(store, key, Samples.reals(devices, dtype, shape, random));
                    }
                }
                store.delete(key);
            }
        }
    }

    private static void check(Store store, Key key, List<DenseTensor> gradients) {
        DenseTensor expected = Samples.sum(gradients);
        String what = "sum over " + gradients.size() + " devices, seed " + SEED + ",";
        Expect.equal(expected, store.pushPull(key, gradients), what);
        Expect.equal(expected, store.pull(key), what);
    }
}
