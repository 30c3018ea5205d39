package io.kvstore.cluster.command;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** The servers that {@code launch} starts, each in a JVM like its own, at free ports of this machine. */
final class ServerFleet {
    private static final long START_SECONDS = 120;

    /** What is meant for workers, or for one server only. */
    private static final List<String> NOT_FOR_SERVERS = List.of(
            "KVSTORE_SEED_NODES",
            "KVSTORE_WORKERS",
            "KVSTORE_SERVERS",
            "KVSTORE_HOST",
            "KVSTORE_PORT",
            "DMLC_ROLE",
            "DMLC_NUM_WORKER",
            "DMLC_NUM_SERVER",
            "DMLC_PS_ROOT_URI",
            "DMLC_PS_ROOT_PORT");

    private final int size;
    private final List<String> heap;
    private final List<String> settings;
    private final Output output;
    private final List<Child> servers = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();

    /**
     * @param size how many
     * @param heap their largest heap, or null for that of this JVM
     * @param settings arguments that give them the settings of {@code launch}
     */
    ServerFleet(int size, String heap, List<String> settings, Output output) {
        this.size = size;
        this.heap = heap == null ? List.of() : List.of("-Xmx" + heap);
        this.settings = settings;
        this.output = output;
    }

    /** Starts all, and waits until they take keys. @throws KVStoreException if one does not */
    void start() throws InterruptedException {
        List<Start> starts =
                IntStream.range(0, size).mapToObj(i -> new Start("server " + i)).toList();
        for (Start start : starts) {
            servers.add(start(start));
            if (addresses.isEmpty()) {
                addresses.add(start.await(start.listening)); // the others join this one
            }
        }
        for (Start start : starts.subList(1, size)) {
            addresses.add(start.await(start.listening));
        }
        for (Start start : starts) {
            start.await(start.ready);
        }
    }

    private Child start(Start start) {
        try {
            Child server = Child.start(start.name, command(), environment(), output, start::take);
            server.ended().thenAccept(start::ended);
            return server;
        } catch (IOException e) {
            throw new KVStoreException(Reason.INTERNAL, null, start.name + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** Such as {@code 127.0.0.1:4711}; the first is the one to join. */
    List<String> addresses() {
        return List.copyOf(addresses);
    }

    List<Child> servers() {
        return List.copyOf(servers);
    }

    private List<String> command() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-agentlib:jdwp")) // two debuggers cannot share a port
                .forEach(command::add);
        command.addAll(heap);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), "server"));
        command.addAll(settings);
        command.addAll(
                List.of("--port", "0", "--servers", Integer.toString(size), "--json", "--force", "--ends-with-input"));
        if (!addresses.isEmpty()) {
            command.addAll(List.of("--seed", addresses.get(0)));
        }
        return command;
    }

    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(Launch.threads());
        NOT_FOR_SERVERS.forEach(variable -> environment.put(variable, null));
        return environment;
    }

    /** One server on its way. */
    private static final class Start {
        private final String name;
        private final CompletableFuture<String> listening = new CompletableFuture<>();
        private final CompletableFuture<String> ready = new CompletableFuture<>();

        Start(String name) {
            this.name = name;
        }

        /** Takes what the server tells of its start; other lines are for people. */
        boolean take(String line) {
            Optional<ServerEvents.Event> event = ServerEvents.read(line);
            event.ifPresent(
                    told -> (told.kind().equals(ServerEvents.READY) ? ready : listening).complete(told.address()));
            return event.isPresent();
        }

        void ended(int exitCode) {
            KVStoreException ended = new KVStoreException(
                    Reason.INTERNAL, name + " ended with exit code " + exitCode + " as it started");
            listening.completeExceptionally(ended);
            ready.completeExceptionally(ended);
        }

        String await(CompletableFuture<String> event) throws InterruptedException {
            try {
                return event.get(START_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                throw new KVStoreException(
                        Reason.TIMEOUT, null, name + " did not start within " + START_SECONDS + " s", e);
            } catch (ExecutionException e) {
                throw (KVStoreException) e.getCause();
            }
        }
    }
}
