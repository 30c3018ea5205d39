package io.kvstore.examples.training;

import io.kvstore.KVStoreException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Trains a DL4J network on Iris, or on a table of yours, data-parallel over logical devices that meet in a KVStore.
 *
 * <p>Ends with exit code 0, with 2 after a wrong option or an unusable file, with 1 when training fails; errors are one
 * line on standard error. The last two lines of standard output are the mean test accuracy and the curve's file.
 */
@Command(
        name = "train",
        sortOptions = false,
        header = "Trains a network data-parallel over logical devices; the optimizer runs in the store.",
        footer = {"", "Exit codes: 0 done, 2 a wrong option or an unusable file, 1 the training failed."})
public final class Train implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int WRONG_INPUT = 2;
    private static final int MOST_DEVICES = 64;
    private static final int MOST_EPOCHS = 100_000;

    private final PrintStream out;
    private final PrintStream err;

    @Option(
            names = "--csv",
            paramLabel = "FILE",
            description = "train on this table instead of Iris: a header if you like, "
                    + "numbers, the label (text or number) in the last column; separated by , ; or tab")
    private Path csv;

    @Option(
            names = "--store",
            paramLabel = "TYPE",
            defaultValue = "device",
            description = "store type (default: ${DEFAULT-VALUE}); dist_sync and dist_async under 'kvstore launch'")
    private String store;

    @Option(
            names = "--devices",
            paramLabel = "N",
            defaultValue = "4",
            description = "logical devices, 1 to 64 (default: ${DEFAULT-VALUE})")
    private int devices;

    @Option(
            names = "--optimizer",
            paramLabel = "NAME[:SETTING=VALUE,...]",
            defaultValue = "sgd:learning_rate=0.05,momentum=0.9",
            description = {"such as adam:learning_rate=0.02 (default: ${DEFAULT-VALUE})"})
    private String optimizer;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "60",
            description = "passes over the training rows (default: ${DEFAULT-VALUE})")
    private int epochs;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "decides first weights and row order (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--curve",
            paramLabel = "FILE.png",
            defaultValue = "training-curve.png",
            description = "where the picture goes (default: ${DEFAULT-VALUE})")
    private Path curve;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this and end")
    private boolean help;

    private Train(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.setProperty("java.awt.headless", "true"); // pictures are files: a display is never needed
        System.exit(execute(System.out, System.err, arguments));
    }

    static int execute(PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new Train(out, err))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .setExpandAtFiles(false)
                .setParameterExceptionHandler((e, all) -> fail(err, e.getMessage() + " (see --help)", WRONG_INPUT))
                .setExecutionExceptionHandler((e, line, result) -> fail(err, e))
                .execute(arguments);
    }

    private static int fail(PrintStream err, Exception e) throws Exception {
        if (e instanceof InputException) {
            return fail(err, e.getMessage(), WRONG_INPUT);
        }
        if (e instanceof TrainingException || e instanceof KVStoreException) {
            return fail(err, e.getMessage(), FAILED);
        }
        throw e; // a defect: its stack trace is wanted
    }

    private static int fail(PrintStream err, String message, int exitCode) {
        err.println("train: " + Text.oneLine(message));
        return exitCode;
    }

    @Override
    public Integer call() {
        requireRange("--devices", devices, 1, MOST_DEVICES);
        requireRange("--epochs", epochs, 1, MOST_EPOCHS);
        if (!curve.toString().endsWith(".png")) {
            throw new InputException("--curve: a file name ending in .png expected, given '" + curve + "'");
        }
        Settings settings = new Settings(store, devices, OptimizerOption.parse(optimizer), epochs, seed);
        Table table = csv == null ? Table.iris() : CsvReader.read(csv);
        out.println(title(table));
        tellUntrainedClasses(table);
        List<FoldResult> folds = train(table, settings);
        if (folds.get(0).rank() > 0) { // the worker of rank 0 reports for all
            out.println("test accuracy: " + Text.percent(FoldResult.meanTestAccuracy(folds)));
            return 0;
        }
        out.println(Report.of(folds));
        String file = writeCurve(Curve.of(curveTitle(table), folds));
        out.println("test accuracy: " + Text.percent(FoldResult.meanTestAccuracy(folds)));
        out.println("curve: " + file);
        return 0;
    }

    private static void requireRange(String option, int value, int least, int most) {
        if (value < least || value > most) {
            throw new InputException(option + ": a number from " + least + " to " + most + " expected, given " + value);
        }
    }

    private String title(Table table) {
        return Text.format(
                "%s: %d rows, %d classes; %d devices, store %s, %s, %d epochs, seed %d",
                Text.shorten(table.name()),
                table.rows(),
                table.classes().size(),
                devices,
                store,
                optimizer,
                epochs,
                seed);
    }

    private String curveTitle(Table table) {
        return Text.format(
                "%s: three-fold cross-validation, %d devices, seed %d", Text.shorten(table.name()), devices, seed);
    }

    private void tellUntrainedClasses(Table table) {
        for (Fold fold : Fold.thirds(table.rows())) {
            for (String label : fold.untrainedClasses(table)) {
                err.println("train: class '" + Text.shorten(label) + "' is only in rows that third " + fold.number()
                        + " holds out: no training sees it there, so its test rows count as wrong");
            }
        }
    }

    private List<FoldResult> train(Table table, Settings settings) {
        try (Progress progress = Progress.of(System.console() != null, epochs, out)) {
            return new CrossValidation(table, settings, progress).run();
        }
    }

    /** The picture is an extra: where it cannot be written, that is said and the training still counts. */
    private String writeCurve(Curve picture) {
        try {
            return CurveFile.write(picture, curve, note -> err.println("train: " + note))
                    .toString();
        } catch (IOException e) {
            err.println("train: the curve was not written: " + Text.oneLine(String.valueOf(e.getMessage())));
            return "not written";
        }
    }
}
