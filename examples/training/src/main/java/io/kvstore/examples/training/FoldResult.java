package io.kvstore.examples.training;

import io.kvstore.KeyInfo;
import io.kvstore.Stats;
import java.time.Duration;
import java.util.List;

/**
 * What training on one fold came to.
 *
 * @param fold the rows used
 * @param epochs one entry per epoch, at least one
 * @param keys the store's keys at the end
 * @param stats the store's counts, evaluation not included
 * @param time wall time from creating the store to the last epoch's end
 * @param rank of this worker; 0 where there is one only
 */
record FoldResult(Fold fold, List<Epoch> epochs, List<KeyInfo> keys, Stats stats, Duration time, int rank) {

    Epoch last() {
        return epochs.get(epochs.size() - 1);
    }

    /** The accuracy on the held-out third after the last epoch; no better epoch is picked afterwards. */
    double testAccuracy() {
        return last().testAccuracy();
    }

    static double meanTestAccuracy(List<FoldResult> folds) {
        return folds.stream().mapToDouble(FoldResult::testAccuracy).average().orElseThrow();
    }
}
