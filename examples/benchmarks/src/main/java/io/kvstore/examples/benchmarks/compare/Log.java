package io.kvstore.examples.benchmarks.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Where the processes of all sides say what is no answer, so that it does not stand between the lines of the table. */
final class Log {
    /** In the folder that the program runs in. */
    static final Path FILE = Path.of("target", "compare.log");

    private Log() {}

    /** For a process's standard error. */
    static ProcessBuilder.Redirect redirect() {
        createFolder();
        return ProcessBuilder.Redirect.appendTo(FILE.toFile());
    }

    /** What a process said on standard output. */
    static void line(String process, String text) {
        createFolder();
        try {
            Files.writeString(
                    FILE,
                    "[" + process + "] " + text + System.lineSeparator(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(FILE + " cannot be written", e);
        }
    }

    /** Begins anew. */
    static void clear() throws IOException {
        Files.deleteIfExists(FILE);
    }

    private static void createFolder() {
        try {
            Files.createDirectories(FILE.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(FILE.getParent() + " cannot be made", e);
        }
    }
}
