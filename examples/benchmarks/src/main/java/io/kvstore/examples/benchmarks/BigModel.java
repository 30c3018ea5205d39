package io.kvstore.examples.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The memory of a server that holds a model of 1 GB for two workers without an optimizer: three JVMs, the server's started by
 * the program {@code kvstore} with the flags it has for everybody.
 *
 * <p>Build with {@code ./mvnw -q -DskipTests package}, then run {@code ./mvnw -q compile exec:exec -pl examples/benchmarks -am
 * -Dmain.class=io.kvstore.examples.benchmarks.BigModel}. Flags of the server's JVM go into {@code KVSTORE_JAVA_OPTS}, its
 * options after {@code -Dargs=}; {@code KVSTORE_LINK_ROAD=artery} is the road to workers on other machines. It needs 8 GB of
 * free memory and Linux, whose {@code /proc} tells a process's resident memory; the server's is printed after each round, in
 * MB of 10^6 bytes. What it shares with workers of its machine, the road to them, counts twice, for it is mapped twice. A
 * wrong value ends the program with exit code 1.
 */
public final class BigModel {
    private static final Path PROGRAM = Path.of("kvstore-cluster", "target", "kvstore");
    private static final Pattern ADDRESS = Pattern.compile("\"address\":\"([^\"]+)\".*\"event\":\"listening\"");
    private static final int WORKERS = 2;
    private static final long END_SECONDS = 300;

    private BigModel() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        try {
            Process server = startServer(arguments);
            processes.add(server);
            String address = addressOf(server);
            System.out.println("server: " + flags(server) + ", at the start " + resident(server));
            List<Process> workers = new ArrayList<>();
            for (int rank = 0; rank < WORKERS; rank++) {
                workers.add(startWorker(rank, address));
            }
            processes.addAll(workers);
            follow(workers.get(0), server);
            for (Process worker : workers) {
                requireSuccess(worker);
            }
            System.out.println("all values right; the server's greatest resident memory " + resident(server));
        } finally {
            processes.forEach(Process::destroyForcibly);
        }
    }

    private static Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static Process startServer(String... options) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(PROGRAM.toString(), "server", "--port", "0", "--json", "--force", "--ends-with-input"));
        Collections.addAll(command, options);
        return start(command, Map.of());
    }

    private static Process startWorker(int rank, String address) throws IOException {
        return start(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx2g",
                        "-XX:+UseParallelGC",
                        "-Dlogback.configurationFile="
                                + System.getProperty("logback.configurationFile", "conf/logback.xml"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        BigModelWorker.class.getName()),
                Map.of(
                        "KVSTORE_SEED_NODES",
                        address,
                        "KVSTORE_WORKERS",
                        Integer.toString(WORKERS),
                        "KVSTORE_WORKER_NAME",
                        "worker-" + rank));
    }

    private static String addressOf(Process server) throws IOException {
        BufferedReader output = server.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            Matcher address = ADDRESS.matcher(line);
            if (address.find()) {
                return address.group(1);
            }
        }
        throw new IllegalStateException(PROGRAM + " server ended without an address; build it with ./mvnw package");
    }

    private static void follow(Process worker, Process server) throws IOException {
        BufferedReader output = worker.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            System.out.println(line + ", server " + resident(server));
        }
    }

    private static void requireSuccess(Process worker) throws InterruptedException {
        if (!worker.waitFor(END_SECONDS, TimeUnit.SECONDS) || worker.exitValue() != 0) {
            throw new IllegalStateException("a worker failed; its reason stands above");
        }
    }

    /** What the server's JVM was told about its memory. */
    private static String flags(Process server) throws IOException {
        String line = Files.readString(Path.of("/proc", Long.toString(server.pid()), "cmdline"));
        List<String> flags = new ArrayList<>();
        for (String word : line.split("\0")) {
            if (word.startsWith("-X")) {
                flags.add(word);
            }
        }
        return String.join(" ", flags);
    }

    /** Resident memory now, what of it is the process's own and what it shares with others, and the greatest so far. */
    private static String resident(Process process) throws IOException {
        Map<String, Double> megabytes = new HashMap<>();
        for (String line : Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
            if (line.endsWith(" kB")) {
                megabytes.put(line.substring(0, line.indexOf(':')), kilobytes(line) * 1024 / 1e6);
            }
        }
        return String.format(
                Locale.ROOT,
                "%.0f MB (%.0f own, %.0f shared), at most %.0f MB",
                megabytes.get("VmRSS"),
                megabytes.get("RssAnon"),
                megabytes.get("RssShmem"),
                megabytes.get("VmHWM"));
    }

    private static long kilobytes(String line) {
        return Long.parseLong(line.replaceAll("\\D+", ""));
    }
}
