package io.kvstore.examples.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Processes of the lowest priority, one per core, that use what time is left over, so that no core falls asleep; where
 * {@code chrt} is missing, processes with niceness 19. They end with this program, however it ends.
 */
final class Spinners {
    private static final long END_SECONDS = 5;
    private static final String SPIN =
            "while kill -0 " + ProcessHandle.current().pid()
                    + " 2>/dev/null; do i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; done";
    private static final String LOWEST = "if command -v chrt >/dev/null; then exec chrt -i 0 sh -c \"$0\";"
            + " else exec nice -n 19 sh -c \"$0\"; fi";

    private Spinners() {}

    static void during(Runnable work) throws IOException {
        List<Process> processes = new ArrayList<>();
        try {
            for (int core = 0; core < Runtime.getRuntime().availableProcessors(); core++) {
                processes.add(
                        new ProcessBuilder("sh", "-c", LOWEST, SPIN).inheritIO().start());
            }
            work.run();
        } finally {
            processes.forEach(Process::destroy);
            processes.forEach(Spinners::await);
        }
    }

    private static void await(Process process) {
        try {
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
