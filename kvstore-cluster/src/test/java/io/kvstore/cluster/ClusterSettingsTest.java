package io.kvstore.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.ClusterSettings.Join;
import io.kvstore.cluster.ClusterSettings.Order;
import io.kvstore.cluster.ClusterSettings.WorkerLoss;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterSettingsTest {

    @Test
    void defaultsAreThoseOfTheReference() {
        ClusterSettings settings = read("");

        assertThat(settings.job())
                .isEqualTo(new JobSettings(List.of(), 0, 1, Optional.empty(), "default", JobSettings.Role.WORKER));
        assertThat(settings.sliceBytes()).isEqualTo(1024 * 1024);
        assertThat(settings.maximumFrameBytes()).isEqualTo(1088 * 1024);
        assertThat(settings.shards()).isEqualTo(256);
        assertThat(settings.rounds()).isEqualTo(new ClusterSettings.Rounds(Order.WORKER, WorkerLoss.CONTINUE));
        assertThat(settings.p3()).isFalse();
        assertThat(settings.sessionTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(settings.windowBytes()).isEqualTo(4L * 1024 * 1024);
        assertThat(settings.worker()).isEqualTo(new ClusterSettings.Worker(Optional.empty(), 0, Join.CLIENT));
    }

    @Test
    void environmentOfLaunchSaysWhereTheTrainingIs() {
        ClusterSettings settings = inEnvironment(
                Map.of(
                        "KVSTORE_SEED_NODES", "127.0.0.1:4711, 127.0.0.1:4712",
                        "KVSTORE_WORKERS", "3",
                        "KVSTORE_SERVERS", "2",
                        "KVSTORE_WORKER_NAME", "worker-1",
                        "KVSTORE_STORE_NAME", "mnist",
                        "KVSTORE_SLICE_BYTES", "65536",
                        "KVSTORE_NUMBER_OF_SHARDS", "1000"),
                "");
        JobSettings job = settings.job();

        assertThat(settings.sliceBytes()).isEqualTo(65536);
        assertThat(settings.shards()).isEqualTo(1000);
        assertThat(job.seedNodes())
                .containsExactly(
                        new ServerAddress("kvstore", "127.0.0.1", 4711),
                        new ServerAddress("kvstore", "127.0.0.1", 4712));
        assertThat(job.workers()).isEqualTo(3);
        assertThat(job.servers()).isEqualTo(2);
        assertThat(job.workerName()).contains("worker-1");
        assertThat(job.storeName()).isEqualTo("mnist");
        job.requireWorker();
    }

    @Test
    void environmentOfDmlcSaysTheSame() {
        JobSettings job = inEnvironment(
                        Map.of(
                                "DMLC_ROLE", "worker",
                                "DMLC_NUM_WORKER", "4",
                                "DMLC_NUM_SERVER", "2",
                                "DMLC_PS_ROOT_URI", "10.0.0.7",
                                "DMLC_PS_ROOT_PORT", "9091"),
                        "")
                .job();

        assertThat(job.seedNodes()).containsExactly(new ServerAddress("kvstore", "10.0.0.7", 9091));
        assertThat(job.workers()).isEqualTo(4);
        assertThat(job.servers()).isEqualTo(2);
        job.requireWorker();
    }

    @Test
    void ownNamesWinOverDmlcAndTheProgramOverBoth() {
        Map<String, String> both = Map.of(
                "DMLC_NUM_WORKER", "4", "KVSTORE_WORKERS", "3", "DMLC_PS_ROOT_URI", "a", "KVSTORE_SEED_NODES", "b:1");

        assertThat(inEnvironment(both, "").job().workers()).isEqualTo(3);
        assertThat(inEnvironment(both, "").job().seedNodes()).containsExactly(ServerAddress.parse("b:1"));
        assertThat(inEnvironment(both, "kvstore.workers = 2").job().workers()).isEqualTo(2);
    }

    @Test
    void workerWithoutATrainingIsToldWhatIsMissingAndAboutLaunch() {
        assertThatThrownBy(() -> read("").job().requireWorker())
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("KVSTORE_SEED_NODES")
                .hasMessageContaining("DMLC_PS_ROOT_URI")
                .hasMessageContaining("KVSTORE_WORKERS")
                .hasMessageContaining("launch")
                .extracting(e -> ((KVStoreException) e).reason())
                .isEqualTo(Reason.INVALID_CONFIGURATION);
        assertThatThrownBy(() -> read("kvstore.seed-nodes = [\"a:1\"]").job().requireWorker())
                .hasMessageContaining("KVSTORE_WORKERS")
                .hasMessageNotContaining("KVSTORE_SEED_NODES");
    }

    @ParameterizedTest
    @ValueSource(strings = {"server", "scheduler"})
    void processOfAnotherRoleIsNoWorker(String role) {
        JobSettings job = inEnvironment(
                        Map.of("DMLC_ROLE", role, "KVSTORE_SEED_NODES", "a:1", "KVSTORE_WORKERS", "2"), "")
                .job();

        assertThatThrownBy(job::requireWorker)
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining(role)
                .hasMessageContaining("kvstore server");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kvstore.workers = -1 | kvstore.workers must be from 0 to 100000, given -1",
                "kvstore.workers = many | workers",
                "kvstore.servers = 0 | kvstore.servers must be from 1 to 100000, given 0",
                "kvstore.worker-name = \"a b\" | kvstore.worker-name must be",
                "kvstore.store-name = \"a:b\" | kvstore.store-name must be",
                "kvstore.store-name = \"\" | kvstore.store-name must be",
                "kvstore.role = boss | kvstore.role must be one of worker, server, scheduler, given 'boss'",
                "kvstore.seed-nodes = [\"nowhere\"] | given 'nowhere'",
                "kvstore.seed-nodes = \"a:0\" | given 'a:0'",
                "kvstore.seed-nodes = \"a:65536\" | given 'a:65536'",
                "kvstore.root-host = a | given 'a:0'",
                "kvstore.slice-bytes = 7 B | kvstore.slice-bytes must be from 8 to 67108864, given 7",
                "kvstore.slice-bytes = 5 GiB | kvstore.slice-bytes must be from 8 to 67108864",
                "kvstore.number-of-shards = 0 | kvstore.number-of-shards must be from 1 to 65536, given 0",
                "kvstore.rounds.order = random | kvstore.rounds.order must be one of worker, arrival, given 'random'",
                "kvstore.rounds.on-worker-loss = hang | must be one of continue, fail, given 'hang'",
                "kvstore.window-bytes = 0 | kvstore.window-bytes must be at least 1, given 0",
                "kvstore.session-timeout = 2 s | kvstore.session-timeout must be at least three times",
                "kvstore.heartbeat-interval = 0 s | kvstore.heartbeat-interval must be longer than nothing",
                "kvstore.link.resend-after = soon | resend-after",
                "kvstore.server.port = 65536 | kvstore.server.port must be from 0 to 65535",
                "kvstore.worker.port = -1 | kvstore.worker.port must be from 0 to 65535",
                "kvstore.worker.join = guest | kvstore.worker.join must be one of client, member, given 'guest'",
                "kvstore.p3 = perhaps | p3"
            })
    void settingOutOfRangeIsNamedWithWhatWasExpectedAndGiven(String line, String message) {
        assertThatThrownBy(() -> read(line))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining(message)
                .extracting(e -> ((KVStoreException) e).reason())
                .isEqualTo(Reason.INVALID_CONFIGURATION);
    }

    @ParameterizedTest
    @CsvSource({
        "host:1, kvstore, host, 1",
        "10.0.0.1:25520, kvstore, 10.0.0.1, 25520",
        "[::1]:2, kvstore, [::1], 2",
        "akka://my-app@host:3, my-app, host, 3"
    })
    void addressesOfServersReadBack(String text, String system, String host, int port) {
        ServerAddress address = ServerAddress.parse(text);
        assertThat(address).isEqualTo(new ServerAddress(system, host, port));
        assertThat(ServerAddress.parse(address.toString())).isEqualTo(address);
        assertThat(ServerAddress.parse(address.uri())).isEqualTo(address);
    }

    private static ClusterSettings read(String text) {
        return inEnvironment(Map.of(), text);
    }

    /** As in a process with these environment variables; those of this process are not seen. */
    private static ClusterSettings inEnvironment(Map<String, String> environment, String text) {
        return ClusterSettings.of(TestConfig.load(environment, text));
    }
}
