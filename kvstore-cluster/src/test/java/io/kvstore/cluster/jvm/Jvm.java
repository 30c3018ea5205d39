package io.kvstore.cluster.jvm;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process whose output is kept. Every wait has a limit, and fails with the end of the output in its message.
 */
public final class Jvm implements AutoCloseable {
    private static final int TOLD_LINES = 60;

    private final String name;
    private final Process process;
    private final List<String> lines = new ArrayList<>(); // of both streams; guarded by itself

    Jvm(String name, Process process) {
        this.name = name;
        this.process = process;
        collect(process.inputReader(StandardCharsets.UTF_8), "");
        collect(
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8)),
                "stderr: ");
    }

    private void collect(BufferedReader reader, String prefix) {
        Thread thread = new Thread(
                () -> {
                    try (reader) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                            add(prefix + line);
                        }
                    } catch (IOException e) {
                        add("the output ends: " + e.getMessage());
                    }
                },
                "output of " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void add(String line) {
        synchronized (lines) {
            lines.add(line);
            lines.notifyAll();
        }
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** What it has printed so far; lines of standard error begin with {@code "stderr: "}. */
    public List<String> output() {
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    /** Waits until a line matches, and gives the match of the first one that does. */
    public Matcher awaitLine(String regex, Duration limit) {
        Pattern pattern = Pattern.compile(regex);
        long deadline = System.nanoTime() + limit.toNanos();
        synchronized (lines) {
            for (int seen = 0; ; ) {
                while (seen < lines.size()) {
                    Matcher matcher = pattern.matcher(lines.get(seen++));
                    if (matcher.find()) {
                        return matcher;
                    }
                }
                long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (left <= 0) {
                    throw new AssertionError(tell("no line '" + regex + "' within " + limit));
                }
                waitFor(left);
            }
        }
    }

    private void waitFor(long millis) {
        try {
            lines.wait(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(tell("interrupted"), e);
        }
    }

    /** Waits for its end. @return the exit code; 128 and the signal's number if a signal ended it */
    public int awaitExit(Duration limit) {
        try {
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(tell("still runs after " + limit));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(tell("interrupted"), e);
        }
    }

    /** {@code kill -9}: it ends without a word. */
    public void kill() {
        signal("KILL");
        awaitExit(Duration.ofSeconds(10));
    }

    /** Freezes it, as a long garbage collection or a swapping machine would. */
    public void pause() {
        signal("STOP");
    }

    /** Ends a {@link #pause}. */
    public void resume() {
        signal("CONT");
    }

    /** Sends a signal by name, such as {@code TERM}. */
    public void signal(String signal) {
        try {
            new ProcessBuilder("sh", "-c", "kill -s " + signal + " " + pid())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(tell("interrupted"), e);
        }
    }

    /** Writes a line to its standard input. */
    public void writeLine(String line) {
        try {
            process.getOutputStream().write((line + '\n').getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException(tell("takes no input"), e);
        }
    }

    /** Ends its standard input. */
    public void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A failure's text, with the end of the output. */
    public String tell(String what) {
        List<String> all = output();
        String state = isAlive() ? "alive" : "ended with " + process.exitValue();
        return name + " (pid " + pid() + ", " + state + "): " + what + "; it printed\n  "
                + String.join("\n  ", all.subList(Math.max(0, all.size() - TOLD_LINES), all.size()));
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        if (isAlive()) {
            kill();
        }
    }
}
