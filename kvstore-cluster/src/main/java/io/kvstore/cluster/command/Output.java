package io.kvstore.cluster.command;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** Passes the output of several processes on, line by line and each line in one piece, with the process's name in front. */
final class Output {
    private static final int LONGEST_LINE = 64 * 1024; // a longer one is cut into several

    private final PrintStream out;
    private final PrintStream err;

    Output(PrintStream out, PrintStream err) {
        this.out = out;
        this.err = err;
    }

    /** A line of {@code launch} itself. */
    void tell(String text) {
        write(err, "launch", text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Starts to pass a stream on, until it ends.
     *
     * @param toErr whether to standard error
     * @param taken keeps a line from being passed on
     */
    Thread pump(String name, InputStream from, boolean toErr, Predicate<String> taken) {
        Thread pump = new Thread(() -> pass(name, from, toErr ? err : out, taken), "output of " + name);
        pump.setDaemon(true);
        pump.start();
        return pump;
    }

    private void pass(String name, InputStream from, PrintStream to, Predicate<String> taken) {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (InputStream in = new BufferedInputStream(from)) {
            for (int next = in.read(); next >= 0; next = in.read()) {
                if (next != '\n') {
                    line.write(next);
                }
                if (next == '\n' || line.size() == LONGEST_LINE) {
                    pass(name, line, to, taken);
                }
            }
        } catch (IOException e) {
            tell("the output of " + name + " cannot be read any more: " + e.getMessage());
        }
        if (line.size() > 0) {
            pass(name, line, to, taken);
        }
    }

    private void pass(String name, ByteArrayOutputStream line, PrintStream to, Predicate<String> taken) {
        if (!taken.test(line.toString(StandardCharsets.UTF_8))) {
            write(to, name, line.toByteArray());
        }
        line.reset();
    }

    private synchronized void write(PrintStream to, String name, byte[] line) {
        byte[] prefix = ("[" + name + "] ").getBytes(StandardCharsets.UTF_8);
        to.write(prefix, 0, prefix.length);
        to.write(line, 0, line.length);
        to.write('\n');
        to.flush();
    }
}
