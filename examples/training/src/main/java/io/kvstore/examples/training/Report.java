package io.kvstore.examples.training;

import io.kvstore.KeyInfo;
import io.kvstore.Stats;
import java.time.Duration;
import java.util.List;

/** The table at the end: the keys and their shapes, and what each fold cost and reached. */
final class Report {
    private Report() {}

    /** Several lines, without a line break at the end. */
    static String of(List<FoldResult> folds) {
        StringBuilder report = new StringBuilder("key    shape             bytes\n");
        for (KeyInfo key : folds.get(0).keys()) {
            report.append(Text.format("%-6s %-12s %10s%n", key.key().name(), key.shape(), Text.bytes(key.bytes())));
        }
        report.append(Text.format(
                "%n%-6s %5s %5s %7s %7s %10s %10s %8s %8s %8s%n",
                "third", "train", "test", "pushes", "pulls", "pushed", "pulled", "time", "loss", "accuracy"));
        folds.forEach(fold -> report.append(line(fold)));
        return report.append(total(folds)).toString();
    }

    private static String line(FoldResult fold) {
        return Text.format(
                        "%-6d %5d %5d ",
                        fold.fold().number(),
                        fold.fold().train().length,
                        fold.fold().test().length)
                + costs(List.of(fold))
                + Text.format(" %8.3f %8s%n", fold.last().loss(), Text.percent(fold.testAccuracy()));
    }

    private static String total(List<FoldResult> folds) {
        double loss =
                folds.stream().mapToDouble(fold -> fold.last().loss()).average().orElseThrow();
        return Text.format("%-6s %5s %5s ", "all", "", "")
                + costs(folds)
                + Text.format(" %8.3f %8s", loss, Text.percent(FoldResult.meanTestAccuracy(folds)));
    }

    private static String costs(List<FoldResult> folds) {
        List<Stats> stats = folds.stream().map(FoldResult::stats).toList();
        Duration time = folds.stream().map(FoldResult::time).reduce(Duration.ZERO, Duration::plus);
        return Text.format(
                "%7d %7d %10s %10s %6.2f s",
                stats.stream().mapToLong(Stats::pushes).sum(),
                stats.stream().mapToLong(Stats::pulls).sum(),
                Text.bytes(stats.stream().mapToLong(Stats::bytesPushed).sum()),
                Text.bytes(stats.stream().mapToLong(Stats::bytesPulled).sum()),
                time.toMillis() / 1e3);
    }
}
