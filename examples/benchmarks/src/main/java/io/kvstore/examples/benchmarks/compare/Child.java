package io.kvstore.examples.benchmarks.compare;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A process of one side: a Java program with the class path and the flags of this one. */
final class Child implements AutoCloseable {
    private static final long ANSWER_SECONDS = 120;
    private static final long END_SECONDS = 10;
    private static final String ENDED = "its output ended";

    private final String name;
    private final Process process;
    private final PrintStream input;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    /**
     * Starts it.
     *
     * @param name for messages
     * @param environment what is set (or, where the value is empty, unset) besides the environment of this process
     * @param answers which lines of its output are answers; others go to {@link Log#FILE}
     * @param command flags of the JVM, the main class and its arguments
     */
    Child(String name, Map<String, String> environment, Predicate<String> answers, List<String> command) {
        this.name = name;
        List<String> all = new ArrayList<>();
        all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        all.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        all.addAll(List.of("-cp", System.getProperty("java.class.path")));
        all.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(all).redirectError(Log.redirect());
        environment.forEach((variable, value) -> {
            if (value.isEmpty()) {
                builder.environment().remove(variable);
            } else {
                builder.environment().put(variable, value);
            }
        });
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot be started", e);
        }
        input = new PrintStream(process.getOutputStream(), true, StandardCharsets.US_ASCII);
        Thread pump = new Thread(() -> pump(answers), name);
        pump.setDaemon(true);
        pump.start();
    }

    private void pump(Predicate<String> isAnswer) {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (isAnswer.test(line)) {
                    answers.add(line);
                } else {
                    Log.line(name, line);
                }
            }
        } catch (IOException e) {
            Log.line(name, "its output cannot be read: " + e.getMessage());
        }
        answers.add(ENDED);
    }

    String name() {
        return name;
    }

    void tell(String command) {
        input.println(command);
    }

    /** The next answer. @throws ChildException if it ends, or says nothing for two minutes */
    String answer() {
        try {
            String answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw new ChildException(name + " has not answered for " + ANSWER_SECONDS + " s; see " + Log.FILE);
            }
            if (answer.equals(ENDED)) {
                throw new ChildException(name + " ended without an answer; see " + Log.FILE);
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ChildException(name + ": interrupted while it was waited for");
        }
    }

    /** The processor time that it has used so far, of user and system. */
    Duration processorTime() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    /** Tells it to end. */
    void end() {
        input.close();
    }

    /** Waits for its end, and kills it if it does not come. */
    @Override
    public void close() {
        end();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
