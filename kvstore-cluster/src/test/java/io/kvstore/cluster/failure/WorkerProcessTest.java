package io.kvstore.cluster.failure;

import static io.kvstore.cluster.failure.RemoteWorker.all;
import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Reason;
import io.kvstore.cluster.failure.RemoteWorker.Outcome;
import io.kvstore.cluster.jvm.JvmCluster;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Workers in processes of their own that are killed, paused and started again, with the session timeout of production. */
@Tag("thorough")
@Timeout(180)
class WorkerProcessTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    private static JvmCluster cluster;
    private List<RemoteWorker> workers = List.of();

    @BeforeAll
    static void startServers() {
        cluster = new JvmCluster("slice-bytes=16KiB");
        cluster.startServers(2);
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @AfterEach
    void stopWorkers() {
        workers.forEach(worker -> worker.jvm().close());
    }

    private RemoteWorker worker(int i) {
        return workers.get(i);
    }

    @Test
    void L08_roundClosesWithTheMembersLeftWhenAWorkerIsKilled() {
        workers = RemoteWorker.start(cluster, "continue", 3);
        all(workers, "init delivered 4 1");
        all(workers, "init missing 10000 1");
        worker(0).begin("push delivered 4 1");
        worker(2).begin("push delivered 4 7");
        worker(2).run("waits round 1 waits for worker");
        Outcome first = worker(0).begin("push missing 10000 1");
        Outcome second = worker(1).begin("push missing 10000 2");

        worker(2).jvm().kill();
        Deadline deadline = Deadline.in(Deadline.OF_THE_DEAD);

        first.within(deadline.left());
        second.within(deadline.left());
        deadline.tell("the round of a killed worker closed");
        List<RemoteWorker> left = workers.subList(0, 2);
        assertThat(all(left, "pull missing")).containsOnly("3.0");
        worker(1).run("push delivered 4 2");
        assertThat(all(left, "pull delivered"))
                .as("with what the dead one delivered")
                .containsOnly("10.0");
        all(left, "push missing 10000 4");
        assertThat(all(left, "pull missing")).containsOnly("8.0");
        all(left, "barrier");
        assertThat(worker(0).run("dead 4")).isEqualTo("1");
    }

    @Test
    void L08_wholeRoundIsGivenUpIfThatIsTheSetting() {
        workers = RemoteWorker.start(cluster, "fail", 3, "rounds.on-worker-loss=fail");
        all(workers, "init w 10000 1");
        all(workers, "push w 10000 2");
        Outcome first = worker(0).begin("push w 10000 10");
        Outcome second = worker(1).begin("push w 10000 20");

        worker(2).jvm().kill();
        Deadline deadline = Deadline.in(Deadline.OF_THE_DEAD);

        for (Outcome each : List.of(first, second)) {
            assertThat(each.failsWithin(deadline.left(), Reason.ROUND_FAILED)).contains("'worker-2'", "round 2");
        }
        deadline.tell("the round of a killed worker was given up");
        List<RemoteWorker> left = workers.subList(0, 2);
        assertThat(all(left, "pull w")).as("no push of that round counts").containsOnly("6.0");
        all(left, "push w 10000 4");
        assertThat(all(left, "pull w")).containsOnly("8.0");
    }

    @Test
    void pausedWorkerEndsNothingUntilItCountsAsDeadAndComesBackAsAnotherIncarnation() throws InterruptedException {
        workers = RemoteWorker.start(cluster, "paused", 2);
        all(workers, "init w 10000 1");

        worker(1).jvm().pause();
        Outcome slow = worker(0).begin("push w 10000 1");
        Outcome afterwards = worker(1).begin("push w 10000 2"); // which it reads when it runs again
        Thread.sleep(5_000); // the pause is what is tested
        assertThat(slow.isOpen()).as("a slow worker ends nothing").isTrue();
        worker(1).jvm().resume();
        slow.within(SOON);
        afterwards.within(SOON);
        assertThat(all(workers, "pull w")).containsOnly("3.0");

        all(workers, "init other 4 1");
        Outcome delivered = worker(1).begin("push other 4 7");
        worker(1).run("waits round 1 waits for worker 'worker-0'");
        worker(1).jvm().pause();
        Deadline deadline = Deadline.in(Deadline.OF_THE_DEAD);
        worker(0).begin("push w 10000 5").within(deadline.left());
        deadline.tell("the round of a paused worker closed");
        for (int i = 0; i < 3; i++) {
            worker(0).begin("push w 10000 6").within(SOON);
        }
        worker(0).begin("push other 4 2").within(SOON);
        assertThat(worker(0).run("pull other"))
                .as("with what the paused one delivered")
                .isEqualTo("9.0");
        assertThat(worker(0).run("dead 4")).isEqualTo("1");
        Thread.sleep(Math.max(0, 30_000 - deadline.passed().toMillis()));
        worker(1).jvm().resume();
        assertThat(delivered.ends(SOON))
                .as("the answer of its round if that had come before it counted as dead, and no answer otherwise")
                .isIn("OK", Reason.FENCED.name());
        assertThat(all(workers, "pull w")).containsOnly("6.0");

        Outcome joined = worker(1).begin("push w 10000 20");
        worker(1).begin("waits round 6 waits for worker 'worker-0'").within(SOON);
        worker(0).begin("push w 10000 10").within(SOON);
        joined.within(SOON);
        assertThat(all(workers, "pull w")).containsOnly("30.0");
        assertThat(worker(1).run("rank")).isEqualTo("1");
        assertThat(worker(0).run("dead 4")).isEqualTo("0");
        all(workers, "barrier");
    }

    @Test
    void M13_workerThatStartsAgainAsRankZeroAndCallsInitCountsNoGradient() {
        workers = RemoteWorker.start(cluster, "again", 2);
        all(workers, "init w 10000 1");
        all(workers, "push w 10000 3");
        worker(0).jvm().kill();

        RemoteWorker again = RemoteWorker.begin(cluster, cluster.seedNodes(), "again", "worker-0", 2);
        workers = List.of(again, worker(1));
        assertThat(again.awaitCreated()).isZero();
        again.run("init w 10000 100");

        assertThat(all(workers, "pull w")).as("the value is kept").containsOnly("6.0");
        all(workers, "push w 10000 4");
        assertThat(all(workers, "pull w")).containsOnly("8.0");
    }
}
