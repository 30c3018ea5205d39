package io.kvstore.examples.training;

import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar in plain ASCII, so that it looks the same in a bare C locale. */
final class ProgressOnTerminal implements Progress {
    private final ProgressBar bar;

    ProgressOnTerminal(int epochs) {
        bar = new ProgressBarBuilder()
                .setTaskName("training")
                .setInitialMax((long) Fold.THIRDS * epochs)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(100)
                .build();
    }

    @Override
    public void report(Fold fold, Epoch epoch) {
        bar.setExtraMessage(Text.format(
                "loss %.3f, accuracy train %s, test %s",
                epoch.loss(), Text.percent(epoch.trainAccuracy()), Text.percent(epoch.testAccuracy())));
        bar.step();
    }

    @Override
    public void close() {
        bar.close();
    }
}
