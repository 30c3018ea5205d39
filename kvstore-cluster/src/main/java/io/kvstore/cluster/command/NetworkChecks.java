package io.kvstore.cluster.command;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.cluster.typed.Cluster;
import com.typesafe.config.Config;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.LocalAddress;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.status.NodeStatus;
import io.kvstore.cluster.status.StatusActor;
import io.kvstore.cluster.status.StatusClient;
import io.kvstore.cluster.status.StatusMessage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What {@code doctor} asks of the network: whether servers can be reached, and whether the largest frame gets through. */
final class NetworkChecks {
    private static final int CONNECT_MILLIS = 3000;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long SKEW_MILLIS = 2000;

    private final Config loaded;
    private final ClusterSettings settings;

    NetworkChecks(Config loaded, ClusterSettings settings) {
        this.loaded = loaded;
        this.settings = settings;
    }

    /** Whether a server could listen where the settings say. */
    static Finding port(ClusterSettings settings) {
        String address = settings.server().host() + ":" + settings.server().port();
        return Listening.problem(settings.server().host(), settings.server().port())
                .map(problem -> Finding.warn(
                        "port",
                        "no server can listen at " + address + ": " + problem,
                        "if that is not a server of yours: kvstore server --port 0, or another --host"))
                .orElseGet(() -> Finding.ok("port", "a server can listen at " + address));
    }

    /** Each server in turn; without any, this machine with itself. */
    List<Finding> connections() {
        List<ServerAddress> servers = settings.job().seedNodes();
        if (servers.isEmpty()) {
            return List.of(Finding.ok("reach", "no server is named; --seed HOST:PORT tries one"), withinThisMachine());
        }
        List<Finding> findings = new ArrayList<>();
        List<ServerAddress> reached = new ArrayList<>();
        for (ServerAddress server : servers) {
            Finding finding = connect(server);
            findings.add(finding);
            if (finding.level() == Finding.Level.OK) {
                reached.add(server);
            }
        }
        if (!reached.isEmpty()) {
            try (Client client = new Client(ClusterConfig.client(loaded), reached, TIMEOUT)) {
                reached.forEach(server -> findings.addAll(talk(client.status(), server)));
            }
        }
        return findings;
    }

    private static Finding connect(ServerAddress server) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(LocalAddress.withoutBrackets(server.host()), server.port()), CONNECT_MILLIS);
            return Finding.ok("reach", "something listens at " + server);
        } catch (IOException e) {
            return Finding.fail(
                    "reach",
                    "nothing can be reached at " + server + ": " + e.getMessage(),
                    "start it with 'kvstore server', or let the port through the firewall");
        }
    }

    private List<Finding> talk(StatusClient client, ServerAddress server) {
        try {
            NodeStatus status =
                    client.ask(server, TIMEOUT).toCompletableFuture().join();
            long before = System.currentTimeMillis(); // of a second question: the first one waited for the connection
            long there =
                    client.ask(server, TIMEOUT).toCompletableFuture().join().clockMillis();
            long after = System.currentTimeMillis();
            return List.of(
                    Finding.ok(
                            "server",
                            server + " answers, version " + status.version() + ", in " + (after - before) + " ms"),
                    clock(server, there - (before + after) / 2),
                    frame(client, server));
        } catch (CompletionException e) {
            return List.of(Finding.fail(
                    "server",
                    e.getCause().getMessage(),
                    "it is no kvstore server named so, or one side has TLS and the other none"));
        }
    }

    static Finding clock(ServerAddress server, long skewMillis) {
        String found = "the clock of " + server + " is " + Math.abs(skewMillis) + " ms "
                + (skewMillis < 0 ? "behind" : "ahead of") + " this one";
        return Math.abs(skewMillis) > SKEW_MILLIS
                ? Finding.warn("clock", found, "run NTP on both; the store does not mind, but logs and certificates do")
                : Finding.ok("clock", found);
    }

    private Finding frame(StatusClient client, ServerAddress server) {
        byte[] bytes = new byte[settings.maximumFrameBytes()];
        new Random(1).nextBytes(bytes);
        try {
            client.probe(server, bytes, TIMEOUT).toCompletableFuture().join();
            return Finding.ok("frame", Units.bytes(bytes.length) + " went to " + server + " and back");
        } catch (CompletionException e) {
            return Finding.fail(
                    "frame",
                    "a frame of " + Units.bytes(bytes.length) + " did not come back: "
                            + e.getCause().getMessage(),
                    "kvstore.slice-bytes must be equal here and there");
        }
    }

    private Finding withinThisMachine() {
        Config config = ClusterConfig.client(loaded);
        ActorSystem<Void> other = Client.system(config);
        try (Client client = new Client(config, List.of(), TIMEOUT)) {
            Behavior<StatusMessage> echo =
                    StatusActor.create(() -> CompletableFuture.failedFuture(new IllegalStateException("not a server")));
            other.systemActorOf(echo, StatusActor.NAME, Props.empty());
            return frame(
                    client.status(),
                    ServerAddress.parse(
                            Cluster.get(other).selfMember().address().toString()));
        } finally {
            Client.end(other);
        }
    }
}
