package io.kvstore.cluster.coordinator;

import static io.kvstore.cluster.coordinator.TestWorker.failureOf;
import static io.kvstore.cluster.coordinator.TestWorker.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import akka.actor.typed.ActorSystem;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

/** The coordinator over three servers, for workers that are no members of their cluster. */
class CoordinatorTest {
    private static CoordinatorServers servers;
    private static ActorSystem<Void> system;

    private final List<TestWorker> workers = new ArrayList<>();
    private String store;

    @BeforeAll
    static void start() {
        servers = new CoordinatorServers(3);
        system = servers.workerSystem();
    }

    @AfterAll
    static void stop() throws Exception {
        servers.close();
    }

    @BeforeEach
    void name(TestInfo test) {
        store = test.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void closeWorkers() {
        workers.forEach(TestWorker::close);
    }

    @Test
    void registersAllWorkersTogetherInTheOrderOfTheirNames() throws Exception {
        TestWorker late = worker("w10", 3);
        TestWorker first = worker("w1", 3);
        CompletionStage<Registration> waiting = late.client.register();
        CompletionStage<Registration> alsoWaiting = first.client.register();
        CoordinatorServers.await(
                "the wait is explained", () -> late.client.waitingFor().contains("2 of 3 workers are here"));
        assertThat(waiting.toCompletableFuture()).isNotDone();

        Registration second = worker("w2", 3).registered();

        assertThat(get(alsoWaiting).rank()).isZero();
        assertThat(second.rank()).isEqualTo(1);
        assertThat(get(waiting).rank()).isEqualTo(2);
        assertThat(second.membership().live()).extracting(Member::name).containsExactly("w1", "w2", "w10");
        CoordinatorServers.await(
                "every server knows them",
                () -> servers.nodes().stream()
                        .allMatch(each ->
                                second.membership().equals(each.listener().membership(store))));
        CoordinatorServers.await(
                "nothing is waited for", () -> late.client.waitingFor().isEmpty());
    }

    @Test
    void givesNamesToWorkersThatHaveNone() throws Exception {
        CompletionStage<Registration> one = worker("", 2).client.register();
        CompletionStage<Registration> other = worker("", 2).client.register();
        assertThat(List.of(get(one).name(), get(other).name())).containsExactlyInAnyOrder("worker-0", "worker-1");
        assertThat(get(one).name()).isEqualTo("worker-" + get(one).rank());
    }

    @Test
    void refusesAWorkerTooMany() throws Exception {
        worker("only", 1).registered();
        assertThat(failureOf(worker("other", 1).client.register()))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_CONFIGURATION))
                .hasMessageContaining("has its 1 workers: only (rank 0)");
    }

    @Test
    void refusesAWorkerThatExpectsAnotherNumberOfWorkers() throws Exception {
        CompletionStage<Registration> waiting = worker("a", 2).client.register();
        CoordinatorServers.await(
                "a waits", () -> workers.get(0).client.waitingFor().contains("1 of 2 workers"));
        assertThat(failureOf(worker("b", 3).client.register()))
                .hasMessageContaining("opened for 2 workers by a; given 3");
        worker("b", 2).registered();
        get(waiting);
        assertThat(failureOf(worker("a", 1).client.register()))
                .hasMessageContaining("open for 2 workers: a (rank 0), b (rank 1); given 1");
    }

    @Test
    void aBarrierReleasesNobodyBeforeAllHaveCome() throws Exception {
        List<TestWorker> all = registered(3);
        for (int round = 0; round < 20; round++) {
            List<CompletionStage<Void>> come = new ArrayList<>();
            int last = round % 3;
            for (int i = 0; i < 3; i++) {
                if (i != last) {
                    come.add(all.get(i).client.barrier());
                }
            }
            come.forEach(each -> assertThat(each.toCompletableFuture()).isNotDone());
            get(all.get(last).client.barrier());
            for (CompletionStage<Void> each : come) {
                get(each);
            }
        }
    }

    @Test
    void aBarrierThatWaitsSaysForWhom() throws Exception {
        List<TestWorker> all = registered(2);
        CompletionStage<Void> waiting = all.get(0).client.barrier();
        CoordinatorServers.await(
                "explanation", () -> all.get(0).client.waitingFor().contains("barrier 1 waits for w1 (rank 1)"));
        CoordinatorServers.await(
                "the coordinator's node tells",
                () -> servers.nodes().stream()
                                .filter(each -> each.coordinator()
                                        .waits()
                                        .getOrDefault(store, List.of())
                                        .equals(List.of("barrier 1 waits for w1 (rank 1)")))
                                .count()
                        == 1);
        get(all.get(1).client.barrier());
        get(waiting);
        CoordinatorServers.await(
                "no waits",
                () -> servers.nodes().stream()
                        .noneMatch(each -> each.coordinator().waits().containsKey(store)));
    }

    @Test
    void aSilentWorkerIsDeadAfterTheSessionTimeoutAndHoldsNoBarrier() throws Exception {
        List<TestWorker> all = registered(3);
        CompletionStage<Void> zero = all.get(0).client.barrier();
        CompletionStage<Void> two = all.get(2).client.barrier();
        assertThat(get(all.get(0).client.numDeadNodes(7))).isZero();
        long died = System.nanoTime();
        all.get(1).close();
        get(zero);
        get(two);
        assertThat((System.nanoTime() - died) / 1e9).as("seconds").isBetween(2.0, 6.0);
        assertThat(get(all.get(0).client.numDeadNodes(4))).isEqualTo(1);
        assertThat(get(all.get(0).client.numDeadNodes(3))).isZero();

        Registration back = worker("w1", 3).registered();
        assertThat(back.rank()).isEqualTo(1);
        assertThat(back.incarnation()).isGreaterThan(all.get(1).registered.incarnation());
        assertThat(back.releasedBarrier()).isEqualTo(1);
        assertThat(get(all.get(0).client.numDeadNodes(7))).isZero();
    }

    @Test
    void aWorkerThatLeavesIsNotDeadAndHoldsNoBarrier() throws Exception {
        List<TestWorker> all = registered(2);
        CompletionStage<Void> waiting = all.get(0).client.barrier();
        get(all.get(1).client.leave());
        get(waiting);
        assertThat(get(all.get(0).client.numDeadNodes(4))).isZero();
        assertThat(all.get(1).closed).isEmpty();
        CoordinatorServers.await("news", () -> all.get(0).membership.live().size() == 1);
        assertThat(all.get(0).membership.member("w1").orElseThrow().state()).isEqualTo(Member.State.LEFT);
    }

    @Test
    void aProcessThatTakesAWorkersNameReplacesIt() throws Exception {
        List<TestWorker> all = registered(2);
        long first = all.get(1).registered.incarnation();
        Registration again = worker("w1", 2).registered();
        assertThat(again.rank()).isEqualTo(1);
        assertThat(again.incarnation()).isGreaterThan(first);
        CoordinatorServers.await(
                "the replaced one hears of it", () -> all.get(1).closed.contains(Closed.REPLACED));
        CoordinatorServers.await(
                "servers close the old life",
                () -> servers.nodes().stream()
                        .allMatch(each ->
                                each.listener().membership(store).standing("w1", first) == Membership.Standing.CLOSED));
        assertThat(again.membership().standing("w1", again.incarnation())).isEqualTo(Membership.Standing.LIVE);
        assertThat(again.membership().standing("w9", again.incarnation() + 1))
                .isEqualTo(Membership.Standing.NOT_YET_KNOWN);
    }

    @Test
    void aConfigurationIsOnEveryServerBeforeItIsSet() throws Exception {
        List<TestWorker> all = registered(2);
        for (int version = 1; version <= 10; version++) {
            Configuration set = get(all.get(version % 2).client.setConfiguration("content " + version));
            assertThat(set).isEqualTo(new Configuration(version, "content " + version));
            for (CoordinatorServers.Node each : servers.nodes()) {
                assertThat(each.listener().configurations(store))
                        .hasSize(version)
                        .endsWith(set);
            }
        }
        CoordinatorServers.await(
                "all workers hear of it", () -> all.stream().allMatch(each -> each.configuration.version() == 10));
    }

    @Test
    void anEqualConfigurationIsTheSameVersion() throws Exception {
        List<TestWorker> all = registered(3);
        List<CompletionStage<Configuration>> sets = new ArrayList<>();
        all.forEach(each -> sets.add(each.client.setConfiguration("sgd")));
        for (CompletionStage<Configuration> each : sets) {
            assertThat(get(each).version()).isEqualTo(1);
        }
        assertThat(get(all.get(0).client.setConfiguration("adam")).version()).isEqualTo(2);
        assertThat(get(all.get(1).client.setConfiguration("sgd")).version()).isEqualTo(3);
    }

    @Test
    void aChangeOfAnOutdatedConfigurationIsRefused() throws Exception {
        List<TestWorker> all = registered(2);
        get(all.get(0).client.setConfiguration("one"));
        assertThat(get(all.get(1).client.setConfiguration("two", 1)).version()).isEqualTo(2);
        assertThat(failureOf(all.get(0).client.setConfiguration("three", 1)))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.OUT_OF_ORDER))
                .hasMessageContaining("is at version 2, expected 1");
        CoordinatorServers.await(
                "the current one is known", () -> all.get(0).configuration.version() == 2);
        assertThat(get(all.get(0).client.setConfiguration("three", 2)).version())
                .isEqualTo(3);
    }

    @Test
    void manyChangesOfManyWorkersAreVersionsInOneOrder() throws Exception {
        List<TestWorker> all = registered(3);
        List<CompletableFuture<Configuration>> sets = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            for (TestWorker each : all) {
                sets.add(each.client
                        .setConfiguration(i + " of " + each.registered.name())
                        .toCompletableFuture());
            }
        }
        for (CompletableFuture<Configuration> each : sets) {
            get(each);
        }
        List<Configuration> told = servers.nodes().get(0).listener().configurations(store);
        assertThat(told)
                .hasSize(30)
                .containsExactlyInAnyOrderElementsOf(
                        sets.stream().map(CompletableFuture::join).toList());
        servers.nodes()
                .forEach(each ->
                        assertThat(each.listener().configurations(store)).isEqualTo(told));
    }

    @Test
    void aCommandRunsOnceOnEveryServerBeforeItReturns() throws Exception {
        List<TestWorker> all = registered(2);
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            String body = "body " + i;
            List<CommandOutcome> outcomes = get(all.get(i % 2).client.command(CommandKind.CONTROLLER, 7, body));
            assertThat(outcomes)
                    .extracting(CommandOutcome::server)
                    .containsExactlyInAnyOrderElementsOf(servers.addresses());
            assertThat(outcomes).allSatisfy(each -> {
                assertThat(each.result()).isEqualTo("done " + body);
                assertThat(each.failed()).isFalse();
            });
            expected.add("CONTROLLER 7 " + body);
            servers.nodes()
                    .forEach(each -> assertThat(each.listener().commands(store)).isEqualTo(expected));
        }
    }

    @Test
    void aCommandThatFailsIsReportedForEachServer() throws Exception {
        TestWorker worker = registered(1).get(0);
        assertThat(get(worker.client.command(CommandKind.PROFILER, 13, "")))
                .hasSize(3)
                .allSatisfy(each -> assertThat(each.failure()).isEqualTo("unlucky"));
        assertThat(get(worker.client.command(CommandKind.PROFILER, 14, "")))
                .allSatisfy(each -> assertThat(each.failure()).isEqualTo("no such command"));
        String longest = "x".repeat(Limits.TEXT_BYTES);
        assertThat(get(worker.client.command(CommandKind.PROFILER, 1, longest)))
                .allSatisfy(each -> assertThat(each.failure()).contains("at most 131072 can be sent"));
    }

    @Test
    void theLongestConfigurationOfTheMostWorkersFits() throws Exception {
        TestWorker worker = registered(1).get(0);
        String longest = "\u20ac".repeat(Limits.TEXT_BYTES / 3);
        assertThat(get(worker.client.setConfiguration(longest)).content()).isEqualTo(longest);
        assertThatThrownBy(() -> worker.client.setConfiguration(longest + "\u20ac"))
                .isInstanceOf(KVStoreException.class)
                .hasMessageContaining("at most 131072 bytes, given 131073");
        assertThatThrownBy(() -> worker.client.command(CommandKind.CONTROLLER, 1, longest + "\u20ac"))
                .hasMessageContaining("at most 131072 bytes, given 131073");
    }

    @Test
    void aClosedSessionFailsWhatIsOpenAndWhatComes() throws Exception {
        List<TestWorker> all = registered(2);
        CompletionStage<Void> waiting = all.get(0).client.barrier();
        all.get(0).close();
        all.get(0).close();
        assertThat(failureOf(waiting))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
        assertThat(failureOf(all.get(0).client.barrier()))
                .isInstanceOfSatisfying(
                        KVStoreException.class, e -> assertThat(e.reason()).isEqualTo(Reason.CLOSED));
    }

    @Test
    void aBarrierBeforeRegistrationIsRefused() throws Exception {
        assertThat(failureOf(worker("a", 1).client.barrier())).hasMessageContaining("barrier before register");
    }

    @Test
    void aGroupOutsideOneToSevenIsRefused() {
        TestWorker worker = worker("a", 1);
        assertThatThrownBy(() -> worker.client.numDeadNodes(0)).hasMessageContaining("given 0");
        assertThatThrownBy(() -> worker.client.numDeadNodes(8)).hasMessageContaining("given 8");
    }

    @Test
    void aStoreIsOpenedAgainWhenAllHaveLeft() throws Exception {
        List<TestWorker> all = registered(2);
        get(all.get(0).client.setConfiguration("kept"));
        for (TestWorker each : all) {
            get(each.client.leave());
        }
        CompletionStage<Registration> one = worker("w1", 3).client.register();
        CompletionStage<Registration> two = worker("new", 3).client.register();
        CompletionStage<Registration> zero = worker("w0", 3).client.register();
        assertThat(get(zero).rank()).isZero();
        assertThat(get(one).rank()).isEqualTo(1);
        assertThat(get(two).rank()).isEqualTo(2);
        assertThat(get(two).incarnation()).isGreaterThan(all.get(0).registered.incarnation());
        assertThat(get(two).configuration()).isEqualTo(new Configuration(1, "kept"));
    }

    private TestWorker worker(String name, int expected) {
        TestWorker worker = new TestWorker(system, store, name, expected, servers.addresses());
        workers.add(worker);
        return worker;
    }

    /** Workers w0, w1.. that are members. */
    private List<TestWorker> registered(int count) throws Exception {
        List<TestWorker> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(worker("w" + i, count));
        }
        for (TestWorker each : all) {
            each.client.register();
        }
        for (TestWorker each : all) {
            each.registered();
        }
        return all;
    }
}
