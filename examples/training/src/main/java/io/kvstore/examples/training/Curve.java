package io.kvstore.examples.training;

import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * The loss and the accuracies over the epochs, means over the folds.
 *
 * @param title what was trained
 * @param loss one mean training loss per epoch
 * @param trainAccuracy one mean accuracy per epoch, 0 to 1
 * @param testAccuracy one mean accuracy per epoch, 0 to 1
 * @param testByFold the accuracies behind {@code testAccuracy}, one list per fold
 */
record Curve(
        String title,
        List<Double> loss,
        List<Double> trainAccuracy,
        List<Double> testAccuracy,
        List<List<Double>> testByFold) {

    static Curve of(String title, List<FoldResult> folds) {
        return new Curve(
                title,
                mean(folds, Epoch::loss),
                mean(folds, Epoch::trainAccuracy),
                mean(folds, Epoch::testAccuracy),
                folds.stream()
                        .map(fold ->
                                fold.epochs().stream().map(Epoch::testAccuracy).toList())
                        .toList());
    }

    int epochs() {
        return loss.size();
    }

    private static List<Double> mean(List<FoldResult> folds, ToDoubleFunction<Epoch> value) {
        return IntStream.range(0, folds.get(0).epochs().size())
                .mapToObj(epoch -> folds.stream()
                        .mapToDouble(fold -> value.applyAsDouble(fold.epochs().get(epoch)))
                        .average()
                        .orElseThrow())
                .toList();
    }
}
