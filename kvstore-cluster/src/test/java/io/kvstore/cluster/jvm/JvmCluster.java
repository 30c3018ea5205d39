package io.kvstore.cluster.jvm;

import io.kvstore.cluster.command.Main;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Servers and workers in JVMs of their own, with small heaps, at free ports of this machine. Closing it kills all that still
 * run.
 *
 * <pre>
 *   try (JvmCluster cluster = new JvmCluster("slice-bytes=16KiB")) {
 *       cluster.startServers(2);
 *       Jvm worker = cluster.startWorker("worker-0", 1, TrainingWorker.class);
 *       ...
 *   }
 * </pre>
 */
public final class JvmCluster implements AutoCloseable {
    /** How long a JVM may take to start on a busy machine. */
    public static final Duration START = Duration.ofSeconds(90);

    private static final List<String> OTHERS_SETTINGS = List.of("KVSTORE_", "DMLC_");

    private final List<String> settings;
    private final Map<Jvm, String> servers = new LinkedHashMap<>(); // with their addresses, in the order of their start
    private final List<Jvm> all = new ArrayList<>();
    private final Path arguments;
    private List<String> before = List.of();

    /** @param settings of the kvstore section, {@code name=value}, for all servers */
    public JvmCluster(String... settings) {
        this.settings = List.of(settings);
        this.arguments = argumentFile();
    }

    /** From now on processes are started by a command that ends in {@code exec "$@"}, or the like. */
    public void startBy(String... command) {
        before = List.of(command);
    }

    /** Starts {@code n} servers that wait for each other, and waits until all take keys. */
    public List<Jvm> startServers(int n) {
        List<Jvm> started = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            started.add(startServer("--servers", Integer.toString(n)));
        }
        started.forEach(JvmCluster::awaitReady);
        return started;
    }

    /** Starts one more server, and waits until others can join it, which is before it takes keys. */
    public Jvm startServer(String... options) {
        List<String> line = new ArrayList<>(List.of("server", "--port", "0", "--json", "--force", "--ends-with-input"));
        servers.values().stream().findFirst().ifPresent(first -> line.addAll(List.of("--seed", first)));
        settings.forEach(setting -> line.addAll(List.of("--set", setting)));
        line.addAll(List.of(options));
        Jvm server = start("server-" + servers.size(), Main.class, Map.of(), line.toArray(String[]::new));
        servers.put(
                server,
                server.awaitLine("\"address\":\"([^\"]+)\".*\"event\":\"listening\"", START)
                        .group(1));
        return server;
    }

    /** Waits until a server takes keys. */
    public static void awaitReady(Jvm server) {
        server.awaitLine("\"event\":\"ready\"", START);
    }

    /** The servers, in the order of their start, ended ones too. */
    public List<Jvm> servers() {
        return List.copyOf(servers.keySet());
    }

    /** The servers that run, in the order in which Akka compares their addresses: by port, as they share a host. */
    public List<Jvm> runningByAddress() {
        return servers.keySet().stream()
                .filter(Jvm::isAlive)
                .sorted(Comparator.comparingInt(server -> port(address(server))))
                .toList();
    }

    private static int port(String address) {
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** Such as {@code 127.0.0.1:4711}. */
    public String address(Jvm server) {
        return servers.get(server);
    }

    /** The addresses of all servers that run, with commas. */
    public String seedNodes() {
        return servers.entrySet().stream()
                .filter(server -> server.getKey().isAlive())
                .map(Map.Entry::getValue)
                .collect(Collectors.joining(","));
    }

    /** Starts a worker's program, told by its environment where the servers are, as {@code launch} does. */
    public Jvm startWorker(String name, int workers, Class<?> main, String... arguments) {
        Map<String, String> environment = Map.of(
                "KVSTORE_SEED_NODES", seedNodes(),
                "KVSTORE_WORKERS", Integer.toString(workers),
                "KVSTORE_SERVERS", Integer.toString(servers.size()),
                "KVSTORE_WORKER_NAME", name);
        return start(name, main, environment, arguments);
    }

    /** Starts any program with the class path of the test. */
    public Jvm start(String name, Class<?> main, Map<String, String> environment, String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(java());
        command.add(main.getName());
        Collections.addAll(command, arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment()
                .keySet()
                .removeIf(variable -> OTHERS_SETTINGS.stream().anyMatch(variable::startsWith));
        builder.environment().put("OMP_NUM_THREADS", "1");
        builder.environment().putAll(environment);
        try {
            Jvm jvm = new Jvm(name, builder.start());
            all.add(jvm);
            return jvm;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The words that start a JVM with the test's class path; the main class comes after them. */
    public List<String> java() {
        return List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "@" + arguments);
    }

    /** The class path is longer than a command line may be on some systems. */
    private static Path argumentFile() {
        try {
            Path file = Files.createTempFile("kvstore-jvm", ".args");
            Files.write(
                    file,
                    List.of(
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Djava.awt.headless=true",
                            "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                            "-cp",
                            '"' + System.getProperty("java.class.path").replace("\\", "\\\\") + '"'));
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        all.forEach(Jvm::close);
        try {
            Files.deleteIfExists(arguments);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
