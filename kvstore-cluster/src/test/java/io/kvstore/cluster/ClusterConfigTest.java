package io.kvstore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterConfigTest {
    private static final String JOB = "kvstore { seed-nodes = \"127.0.0.1:4711\", workers = 2, servers = 3 }\n";

    private final Config server = ClusterConfig.server(TestConfig.load(JOB)).getConfig("akka");
    private final Config worker = ClusterConfig.worker(TestConfig.load(JOB)).getConfig("akka");

    @Test
    void serverIsAMemberThatEndsWhenItLosesTheMajority() {
        assertThat(server.getString("actor.provider")).isEqualTo("cluster");
        assertThat(server.getStringList("cluster.roles")).containsExactly("kvstore-server");
        assertThat(server.getStringList("cluster.seed-nodes")).containsExactly("akka://kvstore@127.0.0.1:4711");
        assertThat(server.getInt("cluster.role.kvstore-server.min-nr-of-members"))
                .isEqualTo(3);
        assertThat(server.getString("cluster.downing-provider-class"))
                .isEqualTo("akka.cluster.sbr.SplitBrainResolverProvider");
        assertThat(server.getString("cluster.split-brain-resolver.active-strategy"))
                .isEqualTo("keep-majority");
        assertThat(server.getString("cluster.split-brain-resolver.keep-majority.role"))
                .isEqualTo("kvstore-server");
        assertThat(server.getBoolean("coordinated-shutdown.exit-jvm")).isTrue();
        assertThat(server.getBoolean("cluster.run-coordinated-shutdown-when-down"))
                .isTrue();
        assertThat(server.getDuration("cluster.shutdown-after-unsuccessful-join-seed-nodes"))
                .isEqualTo(Duration.ofSeconds(60));
        assertThat(server.getBoolean("daemonic")).isFalse();
    }

    @Test
    void workerOutlivesItsServersAndDoesNotJoinThem() {
        assertThat(worker.getStringList("cluster.seed-nodes")).isEmpty();
        assertThat(worker.getBoolean("coordinated-shutdown.exit-jvm")).isFalse();
        assertThat(worker.getBoolean("cluster.run-coordinated-shutdown-when-down"))
                .isFalse();
        assertThat(worker.getString("cluster.shutdown-after-unsuccessful-join-seed-nodes"))
                .isEqualTo("off");
        assertThat(worker.getBoolean("daemonic")).isTrue();
        assertThat(worker.getBoolean("jvm-exit-on-fatal-error")).isFalse();
        assertThat(worker.getString("remote.artery.canonical.hostname")).isEqualTo("127.0.0.1");
        assertThat(worker.getInt("remote.artery.canonical.port")).isZero();
    }

    @Test
    void workerThatIsAMemberKnowsTheSeedNodes() {
        Config member = ClusterConfig.worker(TestConfig.load(JOB + "kvstore.worker.join = member"));

        assertThat(member.getStringList("akka.cluster.seed-nodes")).containsExactly("akka://kvstore@127.0.0.1:4711");
        assertThat(member.getStringList("akka.cluster.roles")).containsExactly("kvstore-worker");
    }

    @Test
    void framesHoldASliceWhateverItsSize() {
        for (Config akka : new Config[] {
            server,
            worker,
            ClusterConfig.server(TestConfig.load(JOB + "kvstore.slice-bytes = 4 MiB"))
                    .getConfig("akka"),
            ClusterConfig.worker(TestConfig.load(JOB + "kvstore.slice-bytes = 16 KiB"))
                    .getConfig("akka")
        }) {
            assertThat(akka.getStringList("remote.artery.large-message-destinations"))
                    .contains("/system/kvstore-endpoint");
            assertThat(akka.getString("actor.allow-java-serialization")).isEqualTo("off");
            assertThat(akka.getString("cluster.sharding.passivation.strategy")).isEqualTo("none");
        }
        assertThat(frame("4 MiB")).isEqualTo(4 * 1024 * 1024 + 128 * 1024);
        assertThat(frame("16 KiB")).isEqualTo(16 * 1024 + 128 * 1024);
    }

    private static long frame(String sliceBytes) {
        Config loaded = TestConfig.load(JOB + "kvstore.slice-bytes = " + sliceBytes);
        String path = "akka.remote.artery.advanced.maximum-large-frame-size";
        assertThat(ClusterConfig.worker(loaded).getBytes(path))
                .isEqualTo(ClusterConfig.server(loaded).getBytes(path));
        return ClusterConfig.server(loaded).getBytes(path);
    }

    @Test
    void whatAConfigurationSaysOfTransportAndOfTheEmbeddedSectionIsKept() {
        Config loaded = TestConfig.load(JOB + """
                akka.remote.artery.transport = tls-tcp
                kvstore.server.embedded.akka.cluster.failure-detector.acceptable-heartbeat-pause = 10 s
                """);

        Config akka = ClusterConfig.server(loaded).getConfig("akka");

        assertThat(akka.getString("remote.artery.transport")).isEqualTo("tls-tcp");
        assertThat(akka.getDuration("cluster.failure-detector.acceptable-heartbeat-pause"))
                .isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void processOutsideATrainingGetsNoWorkerSystem() {
        assertThatThrownBy(() -> ClusterConfig.worker(TestConfig.load("")))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("launch");
    }

    @Test
    void workerAnswersFromTheAddressThatReachesTheServers() {
        assertThat(LocalAddress.towards(ServerAddress.parse("localhost:1"))).isIn("127.0.0.1", "[0:0:0:0:0:0:0:1]");
        assertThatThrownBy(() -> LocalAddress.towards(ServerAddress.parse("no-such-host.invalid:1")))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("no-such-host.invalid");
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "[::1]", "127.1.2.3"})
    void loopbackIsRecognised(String host) {
        assertThat(LocalAddress.isLoopback(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "10.1.2.3", "[::]"})
    void whatOthersReachIsNotLoopback(String host) {
        assertThat(LocalAddress.isLoopback(host)).isFalse();
    }
}
