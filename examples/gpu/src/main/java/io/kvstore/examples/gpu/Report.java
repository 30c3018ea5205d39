package io.kvstore.examples.gpu;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What was found: a line each on the console and in a text file, and all of it in a JSON file. */
final class Report implements AutoCloseable {
    private static final int MOST_SHOWN = 600;

    private final PrintStream console;
    private final PrintStream text;
    private final Path json;
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final List<Map<String, Object>> checks = new ArrayList<>();
    private final List<Map<String, Object>> measures = new ArrayList<>();
    private int failed;

    /**
     * @param name of the files
     * @param directory where they go, or null for none
     */
    Report(String name, PrintStream console, Path directory) throws IOException {
        this.console = console;
        if (directory == null) {
            text = null;
            json = null;
            return;
        }
        Files.createDirectories(directory);
        text = new PrintStream(Files.newOutputStream(directory.resolve(name + ".txt")), true, StandardCharsets.UTF_8);
        json = directory.resolve(name + ".json");
    }

    /** A line that is no result. */
    void line(String line) {
        console.println(line);
        if (text != null) {
            text.println(line);
        }
    }

    /** Something about the machine or the run. */
    void fact(String name, Object value) {
        facts.put(name, value);
        line(name + ": " + (value instanceof List<?> list && list.isEmpty() ? "none" : value));
    }

    /** What is checked throws unless it holds. */
    interface Check {
        void run() throws Exception;
    }

    /** Carries out a check; its failure is told, and the run goes on. */
    void check(String name, DeviceGroup devices, Check check) {
        long begin = System.nanoTime();
        String problem = null;
        try {
            check.run();
        } catch (Exception | AssertionError | LinkageError | OutOfMemoryError e) { // one check's, and told below
            problem = e instanceof AssertionError ? e.getMessage() : e.toString();
            failed++;
        }
        long millis = (System.nanoTime() - begin) / 1_000_000;
        line(String.format(
                "%-62s %-32s %6d ms  %s",
                name, devices, millis, problem == null ? "ok" : "FAILED: " + oneLine(problem)));
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", name);
        entry.put("devices", devices.names());
        entry.put("ok", problem == null);
        entry.put("millis", millis);
        if (problem != null) {
            entry.put("problem", problem);
        }
        checks.add(entry);
    }

    private static String oneLine(String problem) {
        String line = problem.strip().replaceAll("\\s*\\R\\s*", " ");
        return line.length() <= MOST_SHOWN ? line : line.substring(0, MOST_SHOWN) + "...";
    }

    /** A measured value, with what it is. */
    void measure(String name, DeviceGroup devices, double value, String unit) {
        line(String.format("%-62s %-32s %9.3f %s", name, devices, value, unit));
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("name", name);
        entry.put("devices", devices.names());
        entry.put("value", value);
        entry.put("unit", unit);
        measures.add(entry);
    }

    /** 0 if all that was checked holds, 1 if not. */
    int exitCode() {
        return failed == 0 ? 0 : 1;
    }

    /** Says how it ended, and writes the JSON file. */
    @Override
    public void close() throws IOException {
        line(checks.size() - failed + " of " + checks.size() + " checks passed");
        if (text == null) {
            return;
        }
        text.close();
        Map<String, Object> all = new LinkedHashMap<>(facts);
        all.put("passed", checks.size() - failed);
        all.put("failed", failed);
        all.put("checks", checks);
        all.put("measures", measures);
        Files.writeString(json, Json.of(all) + "\n");
    }
}
