package io.kvstore.cluster.failure;

import static io.kvstore.cluster.failure.RemoteWorker.PATIENCE;
import static io.kvstore.cluster.failure.RemoteWorker.all;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Reason;
import io.kvstore.cluster.command.Main;
import io.kvstore.cluster.failure.RemoteWorker.Outcome;
import io.kvstore.cluster.jvm.Jvm;
import io.kvstore.cluster.jvm.JvmCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Servers in processes of their own that are killed, with the session timeout and the downing of production. */
@Tag("thorough")
@Timeout(240)
class ServerLossProcessTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    /** Until the servers that are left have agreed that one is gone, and have its shards: twenty seconds, and a busy machine. */
    private static final Duration TAKEN_OVER = Duration.ofSeconds(60);

    private static final String SLICES = "slice-bytes=16KiB";

    private final JvmCluster cluster = new JvmCluster(SLICES);
    private List<RemoteWorker> workers = List.of();

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void keysOfAKilledServerAreNotInitialisedUntilTheyAreMadeAnewAndOthersGoOn() {
        cluster.startServers(2);
        workers = RemoteWorker.start(cluster, "survivor", 2);
        List<String> keys = new ArrayList<>(List.of("big"));
        IntStream.range(0, 8).forEach(i -> keys.add("k" + i));
        for (String key : keys) {
            all(workers, "init " + key + length(key) + " 1");
            all(workers, "push " + key + length(key) + " 2");
        }

        cluster.runningByAddress().get(1).kill(); // of two halves the one with the lower address stays
        Deadline deadline = Deadline.in(Deadline.OF_THE_DEAD);

        List<String> lost = keysLost(keys, deadline);
        deadline.tell("calls on " + lost.size() + " of " + keys.size() + " keys ended");
        assertThat(lost)
                .as("some keys, and all with slices everywhere")
                .contains("big")
                .hasSizeBetween(2, 8);
        for (String key : keys) {
            if (!lost.contains(key)) {
                workers.forEach(worker ->
                        assertThat(worker.begin("pull " + key).within(SOON)).isEqualTo("6.0"));
            }
        }
        for (String key : lost) {
            workers.forEach(worker -> awaitNotInitialised(worker, key));
        }
        deadline = Deadline.in(PATIENCE);
        for (String key : lost) {
            assertThat(workers.get(1).begin("push " + key + length(key) + " 9").ends(SOON))
                    .isEqualTo("NOT_INITIALIZED");
            all(workers, "init " + key + length(key) + " 50");
            assertThat(all(workers, "pull " + key)).containsOnly("50.0");
            all(workers, "push " + key + length(key) + " 4");
            assertThat(all(workers, "pull " + key)).containsOnly("8.0");
        }
        deadline.tell("the keys were made anew");
        assertThat(workers.get(0).run("dead 2")).isEqualTo("1");
    }

    private static String length(String key) {
        return key.equals("big") ? " 20000" : " 10";
    }

    /** Pushes every key in every worker; those of the lost server fail in each, the others in none. */
    private List<String> keysLost(List<String> keys, Deadline deadline) {
        Map<String, List<Outcome>> pushes = new LinkedHashMap<>();
        for (String key : keys) {
            pushes.put(
                    key,
                    workers.stream()
                            .map(worker -> worker.begin("push " + key + length(key) + " 3"))
                            .toList());
        }
        List<String> lost = new ArrayList<>();
        pushes.forEach((key, outcomes) -> {
            List<String> ends = outcomes.stream()
                    .map(each -> each.ends(deadline.left()))
                    .distinct()
                    .toList();
            assertThat(ends).as("how the pushes of key %s end", key).hasSize(1);
            if (!ends.get(0).equals("OK")) {
                assertThat(outcomes.get(0).failsWithin(SOON, Reason.SERVER_LOST))
                        .contains("'" + key);
                lost.add(key);
            }
        });
        return lost;
    }

    /** Until then the server is still looked for, and each call says so in time. */
    private static void awaitNotInitialised(RemoteWorker worker, String key) {
        Deadline takenOver = Deadline.in(TAKEN_OVER);
        for (String end = ""; !end.equals("NOT_INITIALIZED"); ) {
            end = worker.begin("pull " + key).ends(Deadline.OF_THE_DEAD);
            assertThat(end).as(worker.jvm().tell("pull of " + key)).isIn("SERVER_LOST", "NOT_INITIALIZED");
            assertThat(takenOver.left()).as("time left for the take-over").isPositive();
        }
    }

    @Test
    void workersOutliveTheirOnlyServerAndUseOneAtAnotherSeed() throws IOException {
        Jvm server = cluster.startServers(1).get(0);
        int other = freePort();
        startWorkersOf(cluster.address(server) + ",127.0.0.1:" + other, "only");
        server.kill();

        endInTime();
        awaitReady(startServer(other));
        makeAnew();
    }

    @Test
    void secondOfTwoServersEndsWithTheFirstAndWorkersUseOneAtTheSameAddress() {
        cluster.startServers(2);
        Jvm lower = cluster.runningByAddress().get(0);
        Jvm higher = cluster.runningByAddress().get(1);
        startWorkersOf(cluster.seedNodes(), "both");
        lower.kill();

        endInTime();
        assertThat(higher.awaitExit(TAKEN_OVER)).as(higher.tell("exit code")).isEqualTo(3);
        String address = cluster.address(lower);
        awaitReady(startServer(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1))));
        makeAnew();
    }

    private void startWorkersOf(String seeds, String store) {
        workers = IntStream.range(0, 2)
                .mapToObj(i -> RemoteWorker.begin(cluster, seeds, store, "worker-" + i, 2))
                .toList();
        workers.forEach(RemoteWorker::awaitCreated);
        all(workers, "optimizer 0.5");
        for (int i = 0; i < 4; i++) {
            all(workers, "init k" + i + " 10 1");
        }
    }

    /** Calls on the keys of a server that was just killed end in time; those of a server that lives may end well. */
    private void endInTime() {
        Deadline deadline = Deadline.in(Deadline.OF_THE_DEAD);
        List<Outcome> calls = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            calls.add(workers.get(0).begin("push k" + i + " 10 3"));
            calls.add(workers.get(1).begin("push k" + i + " 10 3"));
            calls.add(workers.get(1).begin("pull k" + i));
        }
        List<String> ends =
                calls.stream().map(each -> each.ends(deadline.left())).toList();
        deadline.tell("calls ended");
        assertThat(ends).contains("SERVER_LOST").isSubsetOf("SERVER_LOST", "OK");
        assertThat(workers).allMatch(worker -> worker.jvm().isAlive());
    }

    /** Everybody initialises again, as at first; the optimizer is the workers' to remember. */
    private void makeAnew() {
        Deadline deadline = Deadline.in(TAKEN_OVER);
        for (int i = 0; i < 4; i++) {
            initialiseAgain("init k" + i + " 10 8", deadline);
            assertThat(all(workers, "pull k" + i)).containsOnly("8.0");
            all(workers, "push k" + i + " 10 2");
            assertThat(all(workers, "pull k" + i)).as("8 - 0.5 (2 + 2)").containsOnly("6.0");
        }
        deadline.tell("the keys were made anew on the new server");
        all(workers, "barrier");
        assertThat(all(workers, "rate")).containsOnly("0.5");
        assertThat(all(workers, "rank")).containsExactly("0", "1");
    }

    /** In every worker, until it can: a worker that has not found the new server yet, or has to register there, says so. */
    private void initialiseAgain(String init, Deadline deadline) {
        for (List<RemoteWorker> left = new ArrayList<>(workers); !left.isEmpty(); ) {
            Map<RemoteWorker, Outcome> outcomes = new LinkedHashMap<>();
            left.forEach(worker -> outcomes.put(worker, worker.begin(init)));
            outcomes.forEach((worker, outcome) -> {
                String end = outcome.ends(Deadline.OF_THE_DEAD);
                assertThat(end).as(worker.jvm().tell(init)).isIn("OK", "SERVER_LOST", "FENCED");
                if (end.equals("OK")) {
                    left.remove(worker);
                }
            });
            assertThat(deadline.left())
                    .as(workers.get(0).jvm().tell("time left for " + init))
                    .isPositive();
        }
    }

    @Test
    void ranksBarriersAndConfigurationSurviveTheCoordinatorsNode() {
        Jvm coordinator = cluster.startServers(3).get(0); // the oldest
        workers = RemoteWorker.start(cluster, "coordinated", 2);
        all(workers, "optimizer 0.5");
        List<String> keys = IntStream.range(0, 9).mapToObj(i -> "k" + i).toList();
        keys.forEach(key -> all(workers, "init " + key + " 10 8"));
        all(workers, "barrier");

        coordinator.kill();
        Deadline deadline = Deadline.in(TAKEN_OVER);
        List<Outcome> barriers =
                workers.stream().map(worker -> worker.begin("barrier")).toList();
        List<String> lost = keysLost(keys, Deadline.in(Deadline.OF_THE_DEAD));
        assertThat(lost).hasSizeBetween(1, 5);
        barriers.forEach(each -> each.within(deadline.left()));
        deadline.tell("a barrier of workers whose coordinator was killed had been passed");

        assertThat(all(workers, "rank")).containsExactly("0", "1");
        assertThat(all(workers, "rate")).containsOnly("0.5");
        all(workers, "optimizer 0.25");
        assertThat(all(workers, "rate")).containsOnly("0.25");
        for (String key : keys) {
            if (!lost.contains(key)) {
                assertThat(all(workers, "pull " + key)).as("8 - 0.5 (3 + 3)").containsOnly("5.0");
                all(workers, "push " + key + " 10 4");
                assertThat(all(workers, "pull " + key)).as("5 - 0.25 (4 + 4)").containsOnly("3.0");
            }
        }
        assertThat(workers.get(0).run("dead 7")).isEqualTo("1");
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** A server that begins a cluster of its own. */
    private Jvm startServer(int port) {
        return cluster.start(
                "server at " + port,
                Main.class,
                Map.of(),
                "server",
                "--json",
                "--port",
                Integer.toString(port),
                "--set",
                SLICES,
                "--ends-with-input");
    }

    private static void awaitReady(Jvm server) {
        JvmCluster.awaitReady(server);
    }
}
