package io.kvstore.examples.benchmarks.scaling;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * How one kind of work grows.
 *
 * @param name of the piece of the run
 * @param unit of the sizes, such as keys
 * @param work in words
 * @param points by size, growing
 */
record Growth(String name, String unit, String work, List<Point> points) {

    /** The head of a table for people. */
    static String head(String name, String unit, String work) {
        return String.format(
                "%s: %s%n%12s %12s %12s %12s %14s %14s",
                name, work, unit, "start ms", "round ms", "heap MB", "us / " + unit, "heap KB / " + unit);
    }

    /** A line of the table. */
    static String row(Point point) {
        return String.format(
                Locale.ROOT,
                "%12d %12.1f %12.2f %12.1f %14.3f %14.3f",
                point.size(),
                point.startMillis(),
                point.roundMillis(),
                point.megabytes(),
                1e3 * point.roundMillis() / point.size(),
                1e3 * point.megabytes() / point.size());
    }

    /** How much the largest takes more than the smallest. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "from %d to %d %s, times %.0f: round times %.1f, heap times %.1f",
                first().size(),
                last().size(),
                unit,
                growth(Point::size),
                growth(Point::roundMillis),
                growth(Point::megabytes));
    }

    private Point first() {
        return points.get(0);
    }

    private Point last() {
        return points.get(points.size() - 1);
    }

    private double growth(ToDoubleFunction<Point> value) {
        return value.applyAsDouble(last()) / value.applyAsDouble(first());
    }

    /** Keeps the points in {@code folder}, so that pieces measured at different times make one picture. */
    void write(Path folder) throws IOException {
        List<String> lines = new ArrayList<>(List.of(unit, work));
        points.forEach(each ->
                lines.add(each.size() + "," + each.startMillis() + "," + each.roundMillis() + "," + each.megabytes()));
        Files.write(file(folder, name), lines);
    }

    /** What was kept of a piece. */
    static Growth read(Path folder, String name) throws IOException {
        List<String> lines = Files.readAllLines(file(folder, name));
        return new Growth(
                name,
                lines.get(0),
                lines.get(1),
                lines.stream().skip(2).map(Growth::point).toList());
    }

    /** Whether that piece was measured. */
    static boolean exists(Path folder, String name) {
        return Files.exists(file(folder, name));
    }

    private static Point point(String line) {
        String[] values = line.split(",");
        return new Point(
                Long.parseLong(values[0]),
                Double.parseDouble(values[1]),
                Double.parseDouble(values[2]),
                Double.parseDouble(values[3]));
    }

    private static Path file(Path folder, String name) {
        return folder.resolve(name + ".csv");
    }
}
