package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.jvm.Jvm;
import io.kvstore.cluster.jvm.JvmCluster;
import io.kvstore.cluster.link.Certificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kvstore server} in JVMs of its own. */
@Tag("thorough")
class ServerProcessTest {
    private static final Duration SOON = Duration.ofSeconds(60);

    /** A lost server is noticed within seconds; real settings take about twenty. */
    private static final String[] QUICK = {
        "server.embedded.akka.cluster.failure-detector.acceptable-heartbeat-pause=3s",
        "server.embedded.akka.cluster.split-brain-resolver.stable-after=2s"
    };

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void serverTellsWhenItIsReadyAndLeavesWhenAsked(String signal) {
        try (JvmCluster cluster = new JvmCluster()) {
            Jvm server = cluster.start("server", Main.class, Map.of(), "server", "--port", "0");
            server.awaitLine("^kvstore server ready at 127\\.0\\.0\\.1:\\d+$", JvmCluster.START);

            server.signal(signal);

            assertThat(server.awaitExit(SOON)).as(server.tell("exit code")).isZero();
        }
    }

    @Test
    void serverOfALaunchThatIsGoneEnds() {
        try (JvmCluster cluster = new JvmCluster()) {
            Jvm server = cluster.startServers(1).get(0);

            server.closeInput();

            assertThat(server.awaitExit(SOON)).as(server.tell("exit code")).isZero();
        }
    }

    @Test
    void portInUseIsOneLineAndExitCodeTwo() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                JvmCluster cluster = new JvmCluster()) {
            String port = Integer.toString(taken.getLocalPort());
            Jvm server = cluster.start("server", Main.class, Map.of(), "server", "--port", port);

            assertThat(server.awaitExit(SOON)).as(server.tell("exit code")).isEqualTo(2);
            assertThat(server.awaitLine("cannot listen at 127\\.0\\.0\\.1:" + port + ": .*--port", SOON))
                    .isNotNull();
            assertThat(server.output()).as("all that it printed").hasSize(1);
        }
    }

    @Test
    void serverWithOtherSlicesIsNotLetIn() {
        try (JvmCluster cluster = new JvmCluster()) {
            Jvm server = cluster.startServers(1).get(0);

            Jvm stranger = cluster.startServer("--set", "slice-bytes=2MiB");

            assertThat(stranger.awaitExit(SOON)).as(stranger.tell("exit code")).isEqualTo(2);
            stranger.awaitLine("kvstore server: ends, for its slice-bytes, .* differ", SOON);
            server.awaitLine("kvstore\\.slice-bytes is 2MiB there and 1 MiB here", SOON);
        }
    }

    @Test
    void serverWithTlsAnswersWhoHasACertificateAndNobodyElse(@TempDir Path folder) throws Exception {
        Certificates certificates = new Certificates(folder);
        Map<String, String> trusted = Map.of(
                "KVSTORE_KEY_STORE", certificates.node("node").toString(),
                "KVSTORE_TRUST_STORE", certificates.trust().toString(),
                "KVSTORE_STORE_PASSWORD", Certificates.PASSWORD);
        String conf = Path.of("..", "conf", "tls.conf").toString();
        try (JvmCluster cluster = new JvmCluster()) {
            Jvm server = cluster.start("server", Main.class, trusted, "server", "--port", "0", "--conf", conf);
            String seed = server.awaitLine("ready at (\\S+)$", JvmCluster.START).group(1);

            Jvm friend = cluster.start("friend", Main.class, trusted, "doctor", "--conf", conf, "--seed", seed);
            Jvm stranger = cluster.start("stranger", Main.class, Map.of(), "status", "--seed", seed);

            assertThat(friend.awaitExit(SOON)).as(friend.tell("exit code")).isZero();
            friend.awaitLine("^ok +frame .* went to " + seed + " and back$", SOON);
            assertThat(stranger.awaitExit(SOON)).as(stranger.tell("exit code")).isEqualTo(1);
            stranger.awaitLine("no answer from " + seed, SOON);
        }
    }

    @Test
    void serverThatFindsNobodyToJoinGivesUp() {
        try (JvmCluster cluster = new JvmCluster("server.join-timeout=3s")) {
            Jvm server = cluster.startServer("--seed", "127.0.0.1:1");

            assertThat(server.awaitExit(SOON)).as(server.tell("exit code")).isEqualTo(4);
            server.awaitLine("kvstore server: ends, for none of the seed nodes .*127\\.0\\.0\\.1:1", SOON);
        }
    }

    @Test
    void secondOfTwoServersEndsWhenTheFirstOneIsKilled() {
        try (JvmCluster cluster = new JvmCluster(QUICK)) {
            cluster.startServers(2);
            Jvm lower = cluster.runningByAddress().get(0); // of two halves the one with the lower address stays
            Jvm other = cluster.runningByAddress().get(1);

            lower.kill();

            assertThat(other.awaitExit(SOON)).as(other.tell("exit code")).isEqualTo(3);
            other.awaitLine("kvstore server: ends, for the other servers went on without it", SOON);
        }
    }

    @Test
    void majorityGoesOnWithoutAKilledServer() {
        try (JvmCluster cluster = new JvmCluster(QUICK)) {
            cluster.startServers(3);
            Jvm killed = cluster.servers().get(1);
            Jvm asked = cluster.servers().get(0);

            killed.kill();

            Jvm status = awaitStatus(cluster, asked, 2);
            assertThat(status.output()).noneMatch(line -> line.contains(cluster.address(killed)));
            assertThat(asked.isAlive()).isTrue();
            assertThat(cluster.servers().get(2).isAlive()).isTrue();
        }
    }

    /** Asks until the cluster has so many members. */
    private static Jvm awaitStatus(JvmCluster cluster, Jvm server, int members) {
        long deadline = System.nanoTime() + SOON.toNanos();
        while (true) {
            Jvm status = cluster.start("status", Main.class, Map.of(), "status", "--seed", cluster.address(server));
            assertThat(status.awaitExit(SOON)).as(status.tell("exit code")).isZero();
            if (status.output().stream()
                            .filter(line -> line.contains(" kvstore-server "))
                            .count()
                    == members) {
                return status;
            }
            assertThat(System.nanoTime())
                    .as(status.tell("members do not become " + members))
                    .isLessThan(deadline);
        }
    }
}
