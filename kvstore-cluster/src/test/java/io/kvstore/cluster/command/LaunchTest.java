package io.kvstore.cluster.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.jvm.Jvm;
import io.kvstore.cluster.jvm.JvmCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code kvstore launch} in a JVM of its own; the workers are shell scripts. */
@Tag("thorough")
class LaunchTest {
    private static final Duration SOON = Duration.ofSeconds(90);

    private final JvmCluster cluster = new JvmCluster();

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Jvm launch(int workers, int servers, String script, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "launch", "-n", Integer.toString(workers), "-s", Integer.toString(servers), "--server-heap", "128m"));
        arguments.addAll(List.of(options));
        arguments.addAll(List.of("--", "sh", "-c", script));
        return cluster.start("launch", Main.class, Map.of("OMP_NUM_THREADS", "3"), arguments.toArray(String[]::new));
    }

    @Test
    void workersAreToldWhereTheServersAre() {
        Jvm launch = launch(
                2,
                1,
                "echo \"$KVSTORE_WORKER_NAME $KVSTORE_WORKERS $KVSTORE_SERVERS $KVSTORE_STORE_NAME $KVSTORE_SEED_NODES\";"
                        + "echo \"$DMLC_ROLE $DMLC_NUM_WORKER $DMLC_NUM_SERVER $DMLC_PS_ROOT_URI:$DMLC_PS_ROOT_PORT\" >&2;"
                        + "echo omp $OMP_NUM_THREADS slices $KVSTORE_SLICE_BYTES of $KVSTORE_NUMBER_OF_SHARDS;"
                        + "cat; printf 'no newline'",
                "--store-name",
                "mnist",
                "--set",
                "slice-bytes=64KiB");

        assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isZero();
        for (int worker = 0; worker < 2; worker++) {
            String name = "[worker " + worker + "] ";
            String seed = launch.awaitLine(
                            "^\\Q" + name + "\\Eworker-" + worker + " 2 1 mnist (127\\.0\\.0\\.1:\\d+)$", SOON)
                    .group(1);
            assertThat(launch.output())
                    .contains("stderr: " + name + "worker 2 1 " + seed)
                    .contains(name + "omp 3 slices 65536 of 256")
                    .contains(name + "no newline");
        }
    }

    @Test
    void exitCodeIsThatOfTheFirstWorkerThatFailedAndTheOthersGoOn() {
        Jvm launch =
                launch(2, 1, "case $KVSTORE_WORKER_NAME in worker-1) exit 7;; *) sleep 1; echo went on; exit 8;; esac");

        assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isEqualTo(7);
        assertThat(launch.output())
                .contains("[worker 0] went on")
                .contains("stderr: [launch] worker 1 ended with exit code 7")
                .contains("stderr: [launch] worker 0 ended with exit code 8");
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
    void signalReachesTheWorkersAndTheirChildren(String signal, int exitCode) {
        Jvm launch = launch(1, 1, "trap 'echo got it; exit 9' " + signal + "; echo up $$; while :; do sleep 0.1; done");
        launch.awaitLine("up \\d+", SOON);

        launch.signal(signal);

        assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isEqualTo(exitCode);
        assertThat(launch.output()).contains("[worker 0] got it");
    }

    @Test
    void secondSignalKillsAWorkerThatDoesNotListen() {
        Jvm launch = launch(1, 1, "trap '' TERM; echo up $$; while :; do sleep 0.1; done");
        long worker = Long.parseLong(launch.awaitLine("up (\\d+)", SOON).group(1));

        launch.signal("TERM");
        launch.signal("TERM");

        assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isEqualTo(143);
        assertThat(ProcessHandle.of(worker)).as("the worker's process").isEmpty();
    }

    @Test
    void whatAWorkerLeavesRunningIsEndedToo() {
        Jvm launch = launch(1, 1, "sleep 600 & echo left $!; exit 0");
        long left = Long.parseLong(launch.awaitLine("left (\\d+)", SOON).group(1));

        assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isZero();
        ProcessHandle.of(left)
                .ifPresent(process -> assertThat(process.onExit())
                        .as("the end of what the worker left running")
                        .succeedsWithin(Duration.ofSeconds(10)));
    }

    @Test
    void serversEndEvenIfLaunchIsKilled() {
        Jvm launch = launch(1, 2, "echo seeds $KVSTORE_SEED_NODES; sleep 600");
        launch.awaitLine("seeds ", SOON);
        List<ProcessHandle> started =
                ProcessHandle.of(launch.pid()).orElseThrow().descendants().toList();
        List<ProcessHandle> servers = started.stream()
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .toList();
        assertThat(servers).as("the servers' processes").hasSize(2);

        launch.kill();

        servers.forEach(
                server -> assertThat(server.onExit()).as("the server's end").succeedsWithin(SOON));
        started.forEach(ProcessHandle::destroyForcibly); // the worker knows nothing of launch
    }

    @Test
    void commandThatIsNotThereIsToldAndNothingIsLeft() {
        Jvm launch =
                cluster.start("launch", Main.class, Map.of(), "launch", "-n", "1", "-s", "1", "--", "/no/such/command");

        assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isNotZero();
        launch.awaitLine("/no/such/command", SOON);
    }

    @Test
    void serverThatDiesIsToldAndCounts() {
        Jvm launch = launch(1, 1, "echo up; sleep 3");
        launch.awaitLine("up", SOON);
        ProcessHandle server = ProcessHandle.of(launch.pid())
                .orElseThrow()
                .children()
                .filter(process -> process.info().command().orElse("").endsWith("java"))
                .findFirst()
                .orElseThrow();

        server.destroyForcibly();

        assertThat(launch.awaitExit(SOON)).as(launch.tell("exit code")).isEqualTo(137);
        assertThat(launch.output()).contains("stderr: [launch] server 0 ended with exit code 137");
    }
}
