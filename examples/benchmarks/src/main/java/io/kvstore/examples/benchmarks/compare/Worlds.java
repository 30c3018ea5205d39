package io.kvstore.examples.benchmarks.compare;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/** Starts the processes of either side. */
final class Worlds {
    private static final String HOST = "127.0.0.1";
    private static final List<String> VARIABLES = List.of(
            "KVSTORE_SEED_NODES",
            "KVSTORE_WORKERS",
            "KVSTORE_SERVERS",
            "KVSTORE_WORKER_NAME",
            "DMLC_ROLE",
            "DMLC_NUM_WORKER",
            "DMLC_NUM_SERVER",
            "DMLC_PS_ROOT_URI",
            "DMLC_PS_ROOT_PORT",
            "OMP_NUM_THREADS");

    private Worlds() {}

    /** This store: {@code kvstore server} for each server, with the flags of that program. */
    static World ours(Work work) {
        Map<String, String> environment = environment();
        environment.put("OMP_NUM_THREADS", "1");
        List<Child> servers = new ArrayList<>();
        List<String> addresses = new ArrayList<>();
        for (int server = 0; server < work.servers(); server++) {
            servers.add(new Child(
                    "our server " + server, environment, line -> line.startsWith("{"), server(work, addresses)));
            addresses.add(address(servers.get(server)));
        }
        return world("this store", work, servers, worker -> {
            Map<String, String> its = new HashMap<>(environment);
            its.put("KVSTORE_SEED_NODES", String.join(",", addresses));
            its.put("KVSTORE_WORKERS", Integer.toString(work.workers()));
            its.put("KVSTORE_WORKER_NAME", "worker-" + worker);
            return new Child("our worker " + worker, its, Worlds::isAnswer, peer(Peer.OURS, work, worker));
        });
    }

    private static List<String> server(Work work, List<String> addresses) {
        List<String> command = new ArrayList<>(List.of(
                "-XX:+UseParallelGC",
                "io.kvstore.cluster.command.Main",
                "server",
                "--port",
                "0",
                "--servers",
                Integer.toString(work.servers()),
                "--json",
                "--force",
                "--ends-with-input"));
        if (!addresses.isEmpty()) {
            command.addAll(List.of("--seed", addresses.get(0)));
        }
        return command;
    }

    /** Where it listens; workers may start before it has met the other servers, and wait for that. */
    private static String address(Child server) {
        var told = ConfigFactory.parseString(server.answer());
        if (!told.getString("event").equals("listening")) {
            throw new ChildException(server.name() + ": listening expected, given " + told);
        }
        return told.getString("address");
    }

    /** MXNet's store with variables that tune it: scheduler, servers, workers, if it is a distributed one. */
    static World mxnet(Work work, Tuning tuning) {
        Map<String, String> environment = environment();
        environment.putAll(tuning.variables());
        List<Child> others = new ArrayList<>();
        if (work.distributed()) {
            environment.put("DMLC_NUM_WORKER", Integer.toString(work.workers()));
            environment.put("DMLC_NUM_SERVER", Integer.toString(work.servers()));
            environment.put("DMLC_PS_ROOT_URI", HOST);
            environment.put("DMLC_PS_ROOT_PORT", Integer.toString(freePort()));
            environment.put("DMLC_NODE_HOST", HOST);
            others.add(role("scheduler", "MXNet's scheduler", environment));
            IntStream.range(0, work.servers())
                    .forEach(server -> others.add(role("server", "MXNet's server " + server, environment)));
            environment.put("DMLC_ROLE", "worker");
        }
        return world(
                tuning.text(),
                work,
                others,
                worker -> new Child(
                        "MXNet's worker " + worker, environment, Worlds::isAnswer, peer(Peer.MXNET, work, worker)));
    }

    private static Child role(String role, String name, Map<String, String> environment) {
        Map<String, String> its = new HashMap<>(environment);
        its.put("DMLC_ROLE", role);
        return new Child(name, its, line -> false, List.of(MxnetRole.class.getName()));
    }

    private static World world(String name, Work work, List<Child> others, Function<Integer, Child> start) {
        return new World(
                name, IntStream.range(0, work.workers()).mapToObj(start::apply).toList(), others);
    }

    private static List<String> peer(String side, Work work, int worker) {
        return List.of(Peer.class.getName(), side, work.text(), Integer.toString(worker));
    }

    private static boolean isAnswer(String line) {
        return line.startsWith(Peer.ANSWER);
    }

    /** What must not come from the environment of this program. */
    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        VARIABLES.forEach(variable -> environment.put(variable, ""));
        return environment;
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}
