package io.kvstore.cluster.command;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * A process that {@code launch} started, in a process group of its own where the machine has {@code setsid}: a signal then
 * reaches what the process itself has started, and a terminal's Ctrl-C comes once, from {@code launch}.
 */
final class Child {
    private static final boolean GROUPS = hasSetsid();
    private static final long DRAINING_MILLIS = 1000;

    private final String name;
    private final Process process;
    private final List<Thread> pumps = new ArrayList<>();

    private Child(String name, Process process) {
        this.name = name;
        this.process = process;
    }

    /**
     * Starts a process.
     *
     * @param name such as {@code worker 1}; precedes each line of its output
     * @param environment what is set (or, with a null value, unset) besides the environment of this process
     * @param taken sees each line of standard output first, without its end, and keeps it from being passed on with true
     * @throws IOException if the command cannot be started
     */
    static Child start(
            String name, List<String> command, Map<String, String> environment, Output output, Predicate<String> taken)
            throws IOException {
        List<String> started = new ArrayList<>(GROUPS ? List.of("setsid") : List.of());
        started.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(started);
        environment.forEach((variable, value) -> {
            if (value == null) {
                builder.environment().remove(variable);
            } else {
                builder.environment().put(variable, value);
            }
        });
        Child child = new Child(name, builder.start());
        child.pumps.add(output.pump(name, child.process.getInputStream(), false, taken));
        child.pumps.add(output.pump(name, child.process.getErrorStream(), true, line -> false));
        return child;
    }

    String name() {
        return name;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Done with the exit code (of a process that a signal ended: 128 and its number) when it has ended and its output is passed on. */
    CompletableFuture<Integer> ended() {
        return process.onExit().thenApplyAsync(gone -> {
            drain();
            return gone.exitValue();
        });
    }

    /** Waits for the rest of the output, but not for a grandchild that has inherited it. */
    private void drain() {
        try {
            for (Thread pump : pumps) {
                pump.join(DRAINING_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends its standard input. */
    void closeInput() {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // it has ended already, and so has its input
        }
    }

    /** Sends a signal, such as {@code TERM}, to the process and those that it started. */
    void signal(String signal) {
        if (GROUPS) {
            kill(signal, "-" + process.pid());
        } else {
            process.descendants().forEach(descendant -> kill(signal, Long.toString(descendant.pid())));
            kill(signal, Long.toString(process.pid()));
        }
    }

    private static void kill(String signal, String target) {
        try {
            new ProcessBuilder("sh", "-c", "kill -s \"$0\" -- \"$1\"", signal, target)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new IllegalStateException("no shell to send a signal with", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean hasSetsid() {
        try {
            return new ProcessBuilder("setsid", "true").start().waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
