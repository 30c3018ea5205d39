package io.kvstore.examples.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;

/** When, where and of what figures were taken. */
final class Origin {
    private Origin() {}

    /** Such as {@code 2026-11-24, AMD EPYC 9R14, 2 cores, Java 17.0.15, commit 345ce31}. */
    static String text() {
        return LocalDate.now() + ", " + processor() + ", "
                + Runtime.getRuntime().availableProcessors() + " cores, Java " + System.getProperty("java.version")
                + ", commit " + commit();
    }

    private static String processor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch"); // the model is only told by some systems
        }
    }

    /** The checked out one, of the folder that the program runs in. */
    private static String commit() {
        try {
            Process git = new ProcessBuilder("git", "describe", "--always", "--dirty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (BufferedReader out =
                    new BufferedReader(new InputStreamReader(git.getInputStream(), StandardCharsets.UTF_8))) {
                String commit = out.readLine();
                return commit == null ? "unknown" : commit;
            }
        } catch (IOException e) {
            return "unknown"; // no git, or not a checkout
        }
    }
}
