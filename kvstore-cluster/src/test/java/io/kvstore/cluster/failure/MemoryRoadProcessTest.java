package io.kvstore.cluster.failure;

import static io.kvstore.cluster.failure.RemoteWorker.all;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.kvstore.cluster.command.Main;
import io.kvstore.cluster.failure.RemoteWorker.Outcome;
import io.kvstore.cluster.jvm.Jvm;
import io.kvstore.cluster.jvm.JvmCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes with memory between them that are killed, paused, or find too little of it. */
@Tag("thorough")
@Timeout(240)
class MemoryRoadProcessTest {
    private static final Duration SOON = Duration.ofSeconds(5);
    private static final String SLICES = "slice-bytes=256KiB";
    private static final String MEMORY = "sends to \\S+ through memory";
    private static final String ARTERY_AGAIN = "sends to \\S+ by Artery again";

    /** 16 MB, so that frames are under way most of the time. */
    private static final String BIG = "big 4000000 ";

    @TempDir
    Path directory;

    private JvmCluster cluster;
    private List<RemoteWorker> workers = List.of();

    @BeforeEach
    void prepare() {
        cluster = new JvmCluster(SLICES, "link.ipc.directory=" + home());
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    private Path home() {
        return directory.resolve("ipc");
    }

    private RemoteWorker worker(int i) {
        return workers.get(i);
    }

    private void startWorkers(int n) {
        workers = RemoteWorker.start(cluster, "memory", n, SLICES);
        all(workers, "init " + BIG + "0");
        workers.forEach(worker -> awaitLines(worker.jvm(), MEMORY, 1, SOON));
    }

    /** Waits until {@code count} lines match. */
    private static void awaitLines(Jvm jvm, String regex, int count, Duration limit) {
        Pattern pattern = Pattern.compile(regex);
        long deadline = System.nanoTime() + limit.toNanos();
        while (jvm.output().stream()
                        .filter(line -> pattern.matcher(line).find())
                        .count()
                < count) {
            assertThat(System.nanoTime())
                    .as(jvm.tell("no " + count + " lines of '" + regex + "' within " + limit))
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private List<Path> drivers() throws IOException {
        try (Stream<Path> all = Files.list(home())) {
            return all.toList();
        }
    }

    @Test
    void stoppedWorkerHoldsUpNoOtherAndIsBackInMemoryWhenItRunsAgain() throws Exception {
        cluster.startServers(1);
        startWorkers(2);
        all(workers, "init other 4 1");
        all(workers, "push " + BIG + "1");

        Outcome atStop = worker(1).begin("push " + BIG + "2");
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(60_000_000)); // somewhere in its frames
        worker(1).jvm().pause();
        Deadline deadline = Deadline.in(Deadline.OF_THE_DEAD);
        Outcome round = worker(0).begin("push " + BIG + "1");
        for (int i = 0; i < 10; i++) {
            worker(0).begin("pull other").within(Duration.ofSeconds(1));
        }
        round.within(deadline.left());
        worker(0).begin("push " + BIG + "1").within(deadline.left()); // if the stopped one had pushed all of its own
        deadline.tell("the round of a stopped worker closed");
        awaitLines(cluster.servers().get(0), ARTERY_AGAIN, 1, SOON);
        for (int i = 0; i < 4; i++) {
            worker(0).begin("push " + BIG + "1").within(SOON);
        }
        Thread.sleep(Math.max(0, 15_000 - deadline.passed().toMillis())); // the pause is what is tested
        worker(1).jvm().resume();

        Deadline woken = Deadline.in(SOON);
        atStop.ends(woken.left());
        woken.tell("the push of a stopped worker ended");
        worker(1).begin("pull other").within(SOON);
        awaitLines(worker(1).jvm(), MEMORY, 2, SOON);
        Outcome joined = worker(1).begin("push " + BIG + "20");
        worker(1).begin("waits round 8 waits for worker 'worker-0'").within(SOON);
        worker(0).begin("push " + BIG + "10").within(SOON);
        joined.within(SOON);
        assertThat(all(workers, "pull big")).containsOnly("30.0");
    }

    @Test
    void workerKilledInItsFramesEndsNoOthersRoadAndNoAcknowledgedPushIsLost() {
        cluster.startServers(1);
        startWorkers(3);
        all(workers, "optimizer 1"); // the value is what was pushed in all, negative
        for (int i = 0; i < 5; i++) {
            all(workers, "push " + BIG + "1");
        }
        worker(2).begin("push " + BIG + "100");
        LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(60_000_000));
        worker(2).jvm().kill();
        Deadline deadline = Deadline.in(Deadline.OF_THE_DEAD);
        List<RemoteWorker> left = workers.subList(0, 2);
        List<Outcome> rounds =
                left.stream().map(each -> each.begin("push " + BIG + "1")).toList();
        rounds.forEach(round -> round.within(deadline.left()));
        deadline.tell("the round of a killed worker closed");

        Matcher values = Pattern.compile("-[0-9.]+").matcher(worker(0).run("pull big"));
        while (values.find()) {
            assertThat(values.group()).as("15 acknowledged, 2, and perhaps 100").isIn("-17.0", "-117.0");
        }
        Duration limit = deadline.left().plus(SOON); // if the killed one had pushed all of its own
        for (int i = 0; i < 5; i++) {
            for (Outcome round :
                    left.stream().map(each -> each.begin("push " + BIG + "1")).toList()) {
                round.within(limit);
            }
            limit = SOON;
        }
        for (RemoteWorker each : left) {
            assertThat(each.jvm().output()).noneMatch(line -> line.matches(".*" + ARTERY_AGAIN + ".*"));
        }
        RemoteWorker again = RemoteWorker.begin(cluster, cluster.seedNodes(), "memory", "worker-2", 3, SLICES);
        workers = List.of(worker(0), worker(1), again);
        assertThat(again.awaitCreated()).isEqualTo(2);
        again.run("init " + BIG + "0");
        awaitLines(again.jvm(), MEMORY, 1, SOON);
        Outcome joined = again.begin("push " + BIG + "1");
        again.begin("waits round 12 waits for worker 'worker-0'").within(SOON);
        left.stream().map(each -> each.begin("push " + BIG + "1")).toList().forEach(round -> round.within(SOON));
        joined.within(SOON);
    }

    @Test
    void killedServersMemoryIsRemovedByTheNextAndWorkersReachThatThroughMemoryToo() throws Exception {
        Jvm first = cluster.startServers(1).get(0);
        startWorkers(1);
        assertThat(drivers()).hasSize(1);
        Outcome push = worker(0).begin("push " + BIG + "1");
        first.kill();
        awaitLines(worker(0).jvm(), ARTERY_AGAIN, 1, SOON);
        assertThat(push.ends(Deadline.OF_THE_DEAD)).isIn("OK", "SERVER_LOST");

        String address = cluster.address(first);
        String port = address.substring(address.lastIndexOf(':') + 1);
        String options = "server --json --force --ends-with-input --port " + port + " --set " + SLICES
                + " --set link.ipc.directory=" + home();
        Jvm second = cluster.start("server-again", Main.class, Map.of(), options.split(" "));
        JvmCluster.awaitReady(second);
        worker(0).begin("init " + BIG + "5").within(Duration.ofSeconds(60));
        awaitLines(worker(0).jvm(), MEMORY, 2, SOON);
        assertThat(drivers()).as("what the killed one left is gone").hasSize(1);
        worker(0).begin("push " + BIG + "7").within(SOON);
        assertThat(worker(0).run("pull big")).isEqualTo("7.0");

        second.signal("TERM");
        second.awaitExit(Duration.ofSeconds(60));
        assertThat(drivers()).isEmpty();
    }

    @Test
    void tooLittleMemoryLeavesWorkersOnArtery() throws Exception {
        Files.createDirectory(directory.resolve("small"));
        cluster.close();
        cluster = new JvmCluster(SLICES, "link.ipc.directory=" + directory.resolve("small/ipc"));
        Process allowed = new ProcessBuilder("unshare", "-Urm", "true").start();
        assumeTrue(allowed.waitFor() == 0, "needs mounts of its own");
        cluster.startBy(
                "unshare",
                "-Urm",
                "sh",
                "-c",
                "mount -t tmpfs -o size=24m tmpfs " + directory + "/small && exec \"$@\"",
                "sh");
        cluster.startServers(1);
        cluster.startBy();
        workers = RemoteWorker.start(cluster, "memory", 2, SLICES);
        all(workers, "init " + BIG + "0");
        worker(0).jvm().awaitLine("by Artery: .* has \\d+ MiB free, a peer needs 114 MiB", SOON);
        all(workers, "push " + BIG + "3");
        assertThat(all(workers, "pull big")).containsOnly("6.0");
    }
}
