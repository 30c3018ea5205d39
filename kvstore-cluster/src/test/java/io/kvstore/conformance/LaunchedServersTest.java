package io.kvstore.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.command.Main;
import io.kvstore.cluster.jvm.Jvm;
import io.kvstore.cluster.jvm.JvmCluster;
import io.kvstore.cluster.jvm.OneKeyWorker;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Case L07: which servers end with their workers. */
class LaunchedServersTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int CONNECT_MILLIS = 5000;

    @Test
    void L07_serversOfALaunchEndWhenItsWorkersHaveEnded() {
        try (JvmCluster cluster = new JvmCluster()) {
            Jvm launch = cluster.start(
                    "launch",
                    Main.class,
                    Map.of(),
                    "launch",
                    "-n",
                    "2",
                    "-s",
                    "2",
                    "--",
                    "sh",
                    "-c",
                    "echo $KVSTORE_SEED_NODES");

            assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isZero();
            String seeds = launch.awaitLine("^\\[worker 0\\] (\\S+)$", SOON).group(1);
            List<String> servers = Stream.of(seeds.split(",")).toList();
            assertThat(servers).hasSize(2);
            assertThat(servers).as("servers that still listen").noneMatch(LaunchedServersTest::listens);
        }
    }

    @Test
    void L07_serverOfItsOwnStaysUpAfterItsWorkersAndLeavesWithKeysInItOnlyIfAskedAgain() {
        try (JvmCluster cluster = new JvmCluster()) {
            Jvm server = cluster.start("server", Main.class, Map.of(), "server", "--port", "0");
            String address =
                    server.awaitLine("ready at (\\S+)$", JvmCluster.START).group(1);
            Map<String, String> job = Map.of("KVSTORE_SEED_NODES", address, "KVSTORE_WORKERS", "1");
            Jvm worker = cluster.start("worker", OneKeyWorker.class, job);
            assertThat(worker.awaitExit(SOON)).as(worker.tell("exit code")).isZero();
            worker.awaitLine("^pulled 6.0$", SOON);

            Jvm status = cluster.start("status", Main.class, Map.of(), "status", "--seed", address);
            assertThat(status.awaitExit(SOON)).as(status.tell("exit code")).isZero();
            status.awaitLine("^default +sync +1 +1 +24 B ", SOON);

            server.signal("TERM");
            server.awaitLine("stays, for it holds keys or slices of keys \\(1, 24 B\\)", SOON);
            server.signal("TERM");
            assertThat(server.awaitExit(SOON)).as(server.tell("exit code")).isZero();
        }
    }

    private static boolean listens(String address) {
        String[] parts = address.split(":");
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(parts[0], Integer.parseInt(parts[1])), CONNECT_MILLIS);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
