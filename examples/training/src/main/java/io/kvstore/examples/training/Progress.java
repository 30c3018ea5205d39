package io.kvstore.examples.training;

import java.io.PrintStream;

/** Shows how far the training is, with its loss and accuracy. */
interface Progress extends AutoCloseable {

    /** Called after each epoch of each fold. */
    void report(Fold fold, Epoch epoch);

    @Override
    void close();

    /** A bar that redraws itself on a terminal (on standard error), else lines that stay readable in a log. */
    static Progress of(boolean terminal, int epochs, PrintStream lines) {
        return terminal ? new ProgressOnTerminal(epochs) : new ProgressLines(epochs, lines);
    }

    static String describe(Fold fold, Epoch epoch) {
        return Text.format(
                "third %d, epoch %d: loss %.3f, accuracy train %s, test %s",
                fold.number(),
                epoch.number(),
                epoch.loss(),
                Text.percent(epoch.trainAccuracy()),
                Text.percent(epoch.testAccuracy()));
    }
}
