package io.kvstore.cuda.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * One figure of the benchmark.
 *
 * @param what was measured
 * @param bytesPerSecond moved by it, reads and writes of device memory counted each
 * @param ratio to the speed of {@code against}, or 1
 * @param against the ceiling it is compared with, or {@code ""}
 */
public record Measured(String what, double bytesPerSecond, double ratio, String against) {

    /** A line for a person. */
    @Override
    public String toString() {
        String line = String.format(Locale.ROOT, "%-36s %9.2f GB/s", what, bytesPerSecond / 1e9);
        return against.isEmpty() ? line : line + String.format(Locale.ROOT, "   %.2f of %s", ratio, against);
    }

    private String json() {
        return String.format(
                Locale.ROOT,
                "{\"what\": \"%s\", \"gbPerSecond\": %.4f, \"ratio\": %.4f, \"against\": \"%s\"}",
                what,
                bytesPerSecond / 1e9,
                ratio,
                against);
    }

    /** All figures of a run as one JSON object on one line. */
    static String json(String driver, String gpu, long bytes, List<Measured> all) {
        String figures = all.stream().map(Measured::json).collect(Collectors.joining(", "));
        return "{\"driver\": \"" + driver + "\", \"gpu\": \"" + gpu + "\", \"bytes\": " + bytes + ", \"figures\": ["
                + figures + "]}";
    }
}
