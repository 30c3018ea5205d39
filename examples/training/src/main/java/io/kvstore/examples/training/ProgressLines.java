package io.kvstore.examples.training;

import java.io.PrintStream;

/** One line per tenth of the run. */
final class ProgressLines implements Progress {
    private final int total;
    private final PrintStream out;
    private int done;

    ProgressLines(int epochs, PrintStream out) {
        this.total = Fold.THIRDS * epochs;
        this.out = out;
    }

    @Override
    public void report(Fold fold, Epoch epoch) {
        int before = tenths(done++);
        if (tenths(done) > before) {
            out.println(Text.format("%3d %%  ", 10 * tenths(done)) + Progress.describe(fold, epoch));
        }
    }

    private int tenths(int epochs) {
        return (int) (10L * epochs / total);
    }

    @Override
    public void close() {}
}
