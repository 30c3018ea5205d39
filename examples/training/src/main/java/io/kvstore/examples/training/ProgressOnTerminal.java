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
                .hideEta()
                .build();
    }

    @Override
    public void report(Fold fold, Epoch epoch) {
        bar.setExtraMessage(Text.format( // short: the bar has what is left of 80 columns
                "loss %.3f train %.0f%% test %.0f%%",
                epoch.loss(), 100 * epoch.trainAccuracy(), 100 * epoch.testAccuracy()));
        bar.step();
    }

    @Override
    public void close() {
        bar.close();
    }
}
