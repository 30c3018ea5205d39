package io.kvstore.examples.gpu;

import static io.kvstore.examples.gpu.Samples.KEY;
import static io.kvstore.examples.gpu.Samples.KEYS;
import static io.kvstore.examples.gpu.Samples.S23;
import static io.kvstore.examples.gpu.Samples.filled;
import static io.kvstore.examples.gpu.Samples.fromEach;
import static io.kvstore.examples.gpu.Samples.ones;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.OptimizerState;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DenseTensor;

/** Group E: what the optimizer remembers. */
final class StateCases {
    private static final Optimizer ADAM = Optimizer.adam().learningRate(0.1).build();

    private StateCases() {}

    static void E05_restoredStatesAreTheSavedOnes(Store store) {
        store.rule(ADAM);
        for (Key key : KEYS) {
            store.init(key, ones(S23));
            store.push(key, fromEach(4, filled(0.5, S23)));
            OptimizerState saved = snapshot(store, key);
            store.push(key, fromEach(2, filled(9, S23)));
            store.restore(key, saved);
            Expect.equal(saved, snapshot(store, key), "states");
            DenseTensor before = store.pull(key);
            DenseTensor once = store.pushPull(key, fromEach(1, ones(S23)));
            Expect.that(!once.equals(before), () -> "the optimizer goes on");
            Expect.equal(2L, snapshot(store, key).updates(), "updates");
        }
    }

    static void E05_aNewStoreOfTheKeyGoesOnFromSavedStates(Store store) {
        store.rule(ADAM);
        store.init(KEY, ones(S23));
        store.push(KEY, fromEach(1, filled(0.5, S23)));
        OptimizerState saved = snapshot(store);
        DenseTensor weight = store.pull(KEY);
        DenseTensor expected = store.pushPull(KEY, fromEach(1, filled(-2, S23)));
        store.delete(KEY);
        store.init(KEY, weight);
        store.restore(KEY, saved);
        Expect.equal(expected, store.pushPull(KEY, fromEach(1, filled(-2, S23))), "weight");
    }

    static void E06_withoutAnOptimizerNothingIsSavedOrLoaded(Store store) {
        store.init(KEY, ones(S23));
        store.refuses(Reason.NO_OPTIMIZER, KEY, new KeyCommand.Snapshot(0, null));
        store.rule(ADAM);
        store.push(KEY, fromEach(1, ones(S23)));
        OptimizerState saved = snapshot(store);
        store.rule(Optimizer.sgd().momentum(0.5).build());
        store.refuses(Reason.STATE_MISMATCH, KEY, new KeyCommand.Restore(saved, 0, null));
        store.rule(null);
        store.refuses(Reason.NO_OPTIMIZER, KEY, new KeyCommand.Restore(saved, 0, null));
    }

    private static OptimizerState snapshot(Store store) {
        return snapshot(store, KEY);
    }

    private static OptimizerState snapshot(Store store, Key key) {
        OptimizerState lease = store.snapshot(key);
        OptimizerState copy = Samples.copy(lease);
        lease.release();
        return copy;
    }
}
