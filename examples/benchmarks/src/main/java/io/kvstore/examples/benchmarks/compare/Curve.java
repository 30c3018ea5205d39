package io.kvstore.examples.benchmarks.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * How both stores do as one number of the work grows.
 *
 * @param panel the diagram it belongs to: what is measured, against what
 * @param name what the store is
 * @param metric what is shown of a point
 * @param points the sizes
 * @param work the work of a size
 */
record Curve(String panel, String name, Metric metric, List<Integer> points, Function<Integer, Work> work) {
    static final String THROUGHPUT = "GB/s against floats per array";
    static final String KEYS = "ms per round against keys of 16 floats";
    static final String WORKERS = "ms per round against workers, 1 server";
    static final String SERVERS = "ms per round against servers, 2 workers";

    private static final String LOCAL = "local, 2 devices";
    private static final String DIST = "dist_sync";
    private static final String DIST_1X1 = "dist_sync 1x1";
    private static final String SPREAD = "50x100000";
    private static final int MOST_ARRAYS = 100;
    private static final int MOST_FLOATS = 10_000_000;
    private static final List<Integer> LENGTHS = List.of(1_000, 10_000, 100_000, 1_000_000, 10_000_000);
    private static final List<Integer> KEY_COUNTS = List.of(1, 10, 100, 1_000, 10_000);
    private static final List<Integer> PROCESSES = List.of(1, 2, 4);

    static List<Curve> all() {
        return List.of(
                new Curve(
                        THROUGHPUT,
                        LOCAL,
                        Metric.THROUGHPUT,
                        LENGTHS,
                        floats -> Work.local(2, arraysOf(floats), true, false)),
                new Curve(
                        THROUGHPUT,
                        DIST_1X1,
                        Metric.THROUGHPUT,
                        LENGTHS,
                        floats -> Work.dist(DIST, 1, 1, arraysOf(floats))),
                new Curve(KEYS, LOCAL, Metric.ROUND, KEY_COUNTS, keys -> Work.local(2, keys + "x16", true, false)),
                new Curve(KEYS, DIST_1X1, Metric.ROUND, KEY_COUNTS, keys -> Work.dist(DIST, 1, 1, keys + "x16")),
                new Curve(WORKERS, DIST, Metric.ROUND, PROCESSES, workers -> Work.dist(DIST, workers, 1, SPREAD)),
                new Curve(SERVERS, DIST, Metric.ROUND, PROCESSES, servers -> Work.dist(DIST, 2, servers, SPREAD)));
    }

    private static String arraysOf(int floats) {
        return Math.min(MOST_ARRAYS, MOST_FLOATS / floats) + "x" + floats;
    }

    /** What plays its points, smallest first; the names of their rows begin with that of the curve. */
    List<Experiment> experiments() {
        List<Experiment> experiments = new ArrayList<>();
        for (int point : points) {
            experiments.add(new Experiment(
                    prefix() + point,
                    work.apply(point),
                    List.of(new Measure(metric, Phase.PLAYING, Tuning.DEFAULT, null))));
        }
        return experiments;
    }

    /** Those of its points that are among the rows, smallest first. */
    Stream<Row> of(List<Row> rows) {
        return rows.stream()
                .filter(row -> row.name().startsWith(prefix()))
                .sorted(Comparator.comparingDouble(this::size));
    }

    /** The size that a row of this curve belongs to. */
    double size(Row row) {
        return Double.parseDouble(row.name().substring(prefix().length()));
    }

    private String prefix() {
        return panel + ", " + name + ": ";
    }
}
