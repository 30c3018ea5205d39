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
            "",
            "Exit codes: 0 done, whatever the ratios; 1 a side failed or gave back a wrong value; 2 a wrong option, or MXNet's",
            "library cannot be loaded."
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
        out.println(Origin.text());
        List<Row> rows = new ArrayList<>();
        int exitCode = play(experiments, rows);
        if (curves == null) {
            Report.write(rows, json);
        } else {
            draw(rows);
        }
        return exitCode;
    }

    private int play(List<Experiment> experiments, List<Row> rows) throws IOException {
        int exitCode = 0;
        out.println(Report.HEADER);
        for (Experiment experiment : experiments) {
            try {
                List<Row> played = new Match(experiment, quick ? Pace.QUICK : Pace.FULL, Compare::open).play();
                played.forEach(row -> out.println(Report.line(row)));
                rows.addAll(played);
            } catch (ChildException e) {
                err.println("compare: " + experiment.name() + ": " + e.getMessage());
                exitCode = FAILED;
            }
        }
        return exitCode;
    }

    private void draw(List<Row> rows) throws IOException {
        Path points = Path.of(curves + ".json");
        Map<String, Row> all = new LinkedHashMap<>();
        Report.read(points).forEach(row -> all.put(row.name(), row));
        rows.forEach(row -> all.put(row.name(), row));
        List<Row> merged = List.copyOf(all.values());
        Report.write(merged, points);
        CurvesPicture.draw(merged, Origin.text(), curves);
        out.println("curves: " + curves.toAbsolutePath());
    }

    private static World open(Work work, Tuning mxnet) {
        return mxnet == null ? Worlds.ours(work) : Worlds.mxnet(work, mxnet);
    }
}
