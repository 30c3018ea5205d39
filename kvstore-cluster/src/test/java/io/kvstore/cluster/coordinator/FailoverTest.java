package io.kvstore.cluster.coordinator;

import static io.kvstore.cluster.coordinator.TestWorker.get;
import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorSystem;
import io.kvstore.cluster.coordinator.CoordinatorServers.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What outlives the node of the coordinator, and all servers. The first server of a cluster is its oldest. */
@Tag("thorough")
class FailoverTest {
    private static final String STORE = "failover";

    private CoordinatorServers servers;
    private final List<TestWorker> workers = new ArrayList<>();

    @AfterEach
    void stop() {
        workers.forEach(TestWorker::close);
        servers.close();
    }

    @Test
    void theCoordinatorOutlivesItsNode() throws Exception {
        servers = new CoordinatorServers(3);
        List<TestWorker> all = registered(3);
        get(all.get(0).client.setConfiguration("sgd"));
        passBarrier(all);
        CompletionStage<Void> early = all.get(1).client.barrier();
        CompletionStage<Void> also = all.get(2).client.barrier();

        servers.kill(servers.nodes().get(0));
        List<CommandOutcome> outcomes = get(all.get(0).client.command(CommandKind.CONTROLLER, 1, "after"));
        assertThat(outcomes)
                .extracting(CommandOutcome::server)
                .containsExactlyInAnyOrderElementsOf(servers.addresses());
        servers.nodes()
                .forEach(each -> assertThat(each.listener().commands(STORE)).hasSize(1));
        assertThat(early.toCompletableFuture()).as("w0 has not come").isNotDone();
        get(all.get(0).client.barrier());
        get(early);
        get(also);

        assertThat(get(all.get(0).client.numDeadNodes(2))).isEqualTo(1);
        assertThat(get(all.get(0).client.numDeadNodes(5))).isZero();
        assertThat(get(all.get(1).client.setConfiguration("sgd")).version()).isEqualTo(1);
        assertThat(get(all.get(1).client.setConfiguration("adam")).version()).isEqualTo(2);
        all.get(2).close();
        Registration back = worker("w2", 3).registered();
        assertThat(back.rank()).isEqualTo(2);
        assertThat(back.incarnation()).isGreaterThan(all.get(2).registered.incarnation());
        assertThat(back.releasedBarrier()).isEqualTo(2);
        all.subList(0, 2).forEach(each -> assertThat(each.closed).isEmpty());

        Node joined = servers.start();
        CoordinatorServers.await(
                "a new server is told of all",
                () -> joined.listener().configurations(STORE).equals(List.of(new Configuration(2, "adam")))
                        && back.membership().equals(joined.listener().membership(STORE)));
        CoordinatorServers.await(
                "workers hear of the new server", () -> all.get(0).servers.contains(joined.address()));
    }

    @Test
    void aServerThatLeavesInGoodOrderIsNotDeadAndStopsNobody() throws Exception {
        servers = new CoordinatorServers(2);
        List<TestWorker> all = registered(2);
        get(all.get(0).client.setConfiguration("sgd"));
        servers.leave(servers.nodes().get(0));
        passBarrier(all);
        assertThat(get(all.get(0).client.numDeadNodes(7))).isZero();
        assertThat(get(all.get(1).client.setConfiguration("adam")).version()).isEqualTo(2);
        all.forEach(each -> assertThat(each.closed).isEmpty());
    }

    @Test
    void workersOutliveAllServersAndUseOneThatIsStartedAfterwards() throws Exception {
        servers = new CoordinatorServers(1);
        int port = servers.nodes().get(0).port();
        List<TestWorker> all = registered(2);
        get(all.get(0).client.setConfiguration("sgd"));
        get(all.get(1).client.setConfiguration("adam"));
        passBarrier(all);

        servers.kill(servers.nodes().get(0));
        assertThat(get(all.get(0).client.numDeadNodes(1))).isEqualTo(1);
        assertThat(get(all.get(0).client.numDeadNodes(6))).isEqualTo(1);
        CoordinatorServers.await(
                "silence is explained",
                () -> all.get(0).client.waitingFor().contains("no answer from the coordinator for"));
        Node fresh = servers.start(port);

        CoordinatorServers.await(
                "lives end", () -> all.stream().allMatch(each -> each.closed.contains(Closed.UNKNOWN)));
        List<Registration> before = all.stream().map(each -> each.registered).toList();
        CompletionStage<Registration> first = all.get(0).client.register();
        Registration second = all.get(1).registered();
        assertThat(second.rank()).isEqualTo(before.get(1).rank());
        assertThat(second.incarnation()).isGreaterThan(before.get(1).incarnation());
        assertThat(get(first).rank()).isEqualTo(before.get(0).rank());
        assertThat(second.configuration()).isEqualTo(new Configuration(2, "adam"));
        CoordinatorServers.await(
                "the new server is told",
                () -> fresh.listener().configurations(STORE).equals(List.of(new Configuration(2, "adam"))));
        passBarrier(all);
        assertThat(get(all.get(0).client.setConfiguration("sgd")).version()).isEqualTo(3);
    }

    private TestWorker worker(String name, int expected) {
        ActorSystem<Void> system = servers.workerSystem();
        TestWorker worker = new TestWorker(system, STORE, name, expected, servers.addresses());
        workers.add(worker);
        return worker;
    }

    private List<TestWorker> registered(int count) throws Exception {
        List<TestWorker> all =
                IntStream.range(0, count).mapToObj(i -> worker("w" + i, count)).toList();
        all.forEach(each -> each.client.register());
        for (TestWorker each : all) {
            each.registered();
        }
        return all;
    }

    private static void passBarrier(List<TestWorker> all) throws Exception {
        List<CompletionStage<Void>> come =
                all.stream().map(each -> each.client.barrier()).toList();
        for (CompletionStage<Void> each : come) {
            get(each);
        }
    }
}
