package io.kvstore.examples.benchmarks.compare;

import java.util.Map;

/** Settings of MXNet that it reads from the environment. */
enum Tuning {
    DEFAULT("MXNet", "", Map.of()),

    /**
     * The best found for distributed stores on one machine: the C library keeps large buffers instead of mapping fresh ones
     * for each message, the engine has two threads, processes talk over Unix sockets.
     */
    BEST(
            "MXNet, best tuning",
            ", against best tuning",
            Map.of(
                    "MALLOC_MMAP_THRESHOLD_", "1073741824",
                    "MALLOC_TRIM_THRESHOLD_", "4294967296",
                    "MXNET_CPU_WORKER_NTHREADS", "2",
                    "DMLC_LOCAL", "1"));

    private final String text;
    private final String suffix;
    private final Map<String, String> variables;

    Tuning(String text, String suffix, Map<String, String> variables) {
        this.text = text;
        this.suffix = suffix;
        this.variables = variables;
    }

    String text() {
        return text;
    }

    /** What it adds to a row's name. */
    String suffix() {
        return suffix;
    }

    Map<String, String> variables() {
        return variables;
    }
}
