package io.kvstore.examples.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The lines of standard input. Whoever started this process holds the other end and cannot end without closing it: so the
 * process ends soon after, even in the middle of a call that waits for others that are gone.
 */
final class Commands {
    private static final String END = "";

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
    private final Duration grace;

    private Commands(Duration grace) {
        this.grace = grace;
    }

    /**
     * Begins to read.
     *
     * @param grace how long the process may take to end when its input has
     */
    static Commands untilInputEnds(Duration grace) {
        Commands commands = new Commands(grace);
        Thread reader = new Thread(commands::read, "input");
        reader.setDaemon(true);
        reader.start();
        return commands;
    }

    /** The next line, or null after the last one. */
    String next() throws InterruptedException {
        String line = lines.take();
        return line.equals(END) ? null : line;
    }

    private void read() {
        try {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.add(line);
            }
        } catch (IOException e) {
            System.err.println("standard input cannot be read, which counts as its end: " + e.getMessage());
        }
        lines.add(END);
        try {
            Thread.sleep(grace.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
