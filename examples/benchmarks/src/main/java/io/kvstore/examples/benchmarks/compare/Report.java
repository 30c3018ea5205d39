package io.kvstore.examples.benchmarks.compare;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The result as a table for people and as JSON for programs. */
final class Report {
    static final String HEADER = String.format(
            Locale.ROOT,
            "%-66s %12s %12s  %-16s %7s %7s %7s",
            "what",
            "this store",
            "MXNet",
            "unit",
            "ratio",
            "spread",
            "target");

    private Report() {}

    /** A line of the table; a ratio below its target is marked. */
    static String line(Row row) {
        String target = row.target() == null ? "" : String.format(Locale.ROOT, "%.2f", row.target());
        boolean missed = row.target() != null && row.ratio() < row.target();
        return String.format(
                Locale.ROOT,
                "%-66s %12s %12s  %-16s %7.2f %6.0f%% %7s%s",
                row.name(),
                number(row.ours()),
                number(row.theirs()),
                row.unit(),
                row.ratio(),
                100 * row.spread(),
                target,
                missed ? "  below" : "");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 1000 ? "%,.0f" : value >= 10 ? "%.1f" : "%.3f", value);
    }

    /** A list of objects with the fields of {@link Row}; {@code target} is null where none is set. */
    static String json(List<Row> rows) {
        return ConfigValueFactory.fromIterable(rows.stream().map(Report::fields).toList())
                .render(ConfigRenderOptions.concise().setFormatted(true));
    }

    private static Map<String, Object> fields(Row row) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("name", row.name());
        fields.put("ours", row.ours());
        fields.put("theirs", row.theirs());
        fields.put("unit", row.unit());
        fields.put("ratio", row.ratio());
        fields.put("spread", row.spread());
        fields.put("target", row.target());
        return fields;
    }

    /** The rows of a file that {@link #write} wrote; none if there is no file. */
    static List<Row> read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        return ConfigFactory.parseString("rows: " + Files.readString(file)).getConfigList("rows").stream()
                .map(Report::row)
                .toList();
    }

    private static Row row(Config fields) {
        return new Row(
                fields.getString("name"),
                fields.getDouble("ours"),
                fields.getDouble("theirs"),
                fields.getString("unit"),
                fields.getDouble("ratio"),
                fields.getDouble("spread"),
                fields.getIsNull("target") ? null : Double.valueOf(fields.getDouble("target")));
    }

    static void write(List<Row> rows, Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, json(rows) + "\n");
    }
}
