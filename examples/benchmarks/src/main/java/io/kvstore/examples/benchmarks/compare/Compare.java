package io.kvstore.examples.benchmarks.compare;

import io.kvstore.examples.benchmarks.mxnet.MxLibrary;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Lets this store and MXNet's own library do the same work in turn, on the same machine, and tells how many times faster this
 * store is.
 *
 * <p>Run it with {@code examples/benchmarks/compare --quick}.
 */
@Command(
        name = "compare",
        sortOptions = false,
        header = "Measures this store and MXNet 1.9.1 on the same work, in turn.",
        footer = {
            "",
            "Every value that either side gives back is checked, before and after it is timed.",
            "What the processes of the sides say goes to target/compare.log.",
            "",
            "Exit codes: 0 done, whatever the ratios; 1 a side failed or gave back a wrong value;",
            "2 a wrong option, or MXNet's library cannot be loaded."
        })
public final class Compare implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int WRONG_INPUT = 2;

    private final PrintStream out;
    private final PrintStream err;

    @Option(names = "--quick", description = "few rounds: at most five minutes")
    private boolean quick;

    @Option(names = "--only", paramLabel = "NAME", description = "what has this in its name, such as local")
    private String only = "";

    @Option(
            names = "--json",
            paramLabel = "FILE",
            defaultValue = "target/compare.json",
            description = "where the result goes besides standard output (default: ${DEFAULT-VALUE})")
    private Path json;

    @Option(
            names = "--curves",
            paramLabel = "FILE.png",
            description = "measure how both grow with sizes, keys, workers and servers instead, and draw it; "
                    + "what --only leaves out is taken from FILE.png.json, as an earlier run left it")
    private Path curves;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this and end")
    private boolean help;

    private Compare(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** Runs the program and ends the JVM with its exit code. */
    public static void main(String[] arguments) {
        System.exit(execute(System.out, System.err, arguments));
    }

    static int execute(PrintStream out, PrintStream err, String... arguments) {
        return new CommandLine(new Compare(out, err))
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Override
    public Integer call() throws IOException {
        List<Experiment> all = curves == null
                ? Experiments.all()
                : Curve.all().stream()
                        .flatMap(curve -> curve.experiments().stream())
                        .toList();
        List<Experiment> experiments = all.stream()
                .filter(experiment -> experiment.name().contains(only))
                .toList();
        if (experiments.isEmpty()) {
            err.println("compare: nothing has '" + only + "' in its name; there are:");
            all.forEach(experiment -> err.println("  " + experiment.name()));
            return WRONG_INPUT;
        }
        if (!MxLibrary.available()) {
            err.println("compare: " + MxLibrary.unavailableReason());
            return WRONG_INPUT;
        }
        Log.clear();
        out.println(Origin.text());
        int exitCode;
        try (Closing closing = new Closing()) {
            exitCode = play(experiments, closing);
        }
        if (curves != null) {
            CurvesPicture.draw(Report.read(points()), Origin.text(), curves);
            out.println("curves: " + curves.toAbsolutePath());
        }
        return exitCode;
    }

    private int play(List<Experiment> experiments, Closing closing) throws IOException {
        List<Row> rows = new ArrayList<>();
        int exitCode = 0;
        out.println(Report.HEADER);
        for (Experiment experiment : experiments) {
            try {
                List<Row> played = new Match(experiment, quick ? Pace.QUICK : Pace.FULL, Compare::open, closing).play();
                played.forEach(row -> out.println(Report.line(row)));
                rows.addAll(played);
                save(rows);
            } catch (ChildException e) {
                err.println("compare: " + experiment.name() + ": " + e.getMessage());
                exitCode = FAILED;
            }
        }
        return exitCode;
    }

    /** What has been measured so far is not lost if the rest fails. */
    private void save(List<Row> rows) throws IOException {
        if (curves == null) {
            Report.write(rows, json);
            return;
        }
        Map<String, Row> all = new LinkedHashMap<>();
        Report.read(points()).forEach(row -> all.put(row.name(), row));
        rows.forEach(row -> all.put(row.name(), row));
        Report.write(List.copyOf(all.values()), points());
    }

    private Path points() {
        return Path.of(curves + ".json");
    }

    private static World open(Work work, Tuning mxnet) {
        return mxnet == null ? Worlds.ours(work) : Worlds.mxnet(work, mxnet);
    }
}
