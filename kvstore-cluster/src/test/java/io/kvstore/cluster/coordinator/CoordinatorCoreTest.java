package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.WorkerReply.CommandRan;
import io.kvstore.cluster.coordinator.WorkerReply.Configured;
import io.kvstore.cluster.coordinator.WorkerReply.DeadNodes;
import io.kvstore.cluster.coordinator.WorkerReply.News;
import io.kvstore.cluster.coordinator.WorkerReply.Refused;
import io.kvstore.cluster.coordinator.WorkerReply.Registered;
import io.kvstore.cluster.coordinator.WorkerReply.SessionClosed;
import io.kvstore.cluster.coordinator.WorkerReply.Ticket;
import io.kvstore.cluster.coordinator.WorkerReply.Waiting;
import io.kvstore.cluster.coordinator.WorkerRequest.Command;
import io.kvstore.cluster.coordinator.WorkerRequest.Configure;
import io.kvstore.cluster.coordinator.WorkerRequest.CountDead;
import io.kvstore.cluster.coordinator.WorkerRequest.Enter;
import io.kvstore.cluster.coordinator.WorkerRequest.Register;
import io.kvstore.session.Times;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class CoordinatorCoreTest {
    private static final long TIMEOUT = CoreLab.SETTINGS.sessionTimeout();

    private final CoreLab lab = new CoreLab(3);

    @Test
    void aSilentWorkerIsDeadAtTheSessionTimeoutAndNotBefore() {
        open("s", 2);
        long heard = lab.now;
        while (lab.now < heard + TIMEOUT) {
            lab.heartbeat("s", "w0", 1, 10);
            lab.pass(100);
            assertThat(deadIn("s")).as("after %s ms", lab.now - heard).isZero();
        }
        lab.pass(100);
        assertThat(deadIn("s")).isEqualTo(1);
        assertThat(lab.listener(2).membership("s").member("w1").orElseThrow().state())
                .isEqualTo(Member.State.DEAD);
        lab.heartbeat("s", "w1", 1, 11);
        assertThat(lab.last("w1", SessionClosed.class).why()).isEqualTo(Closed.DEAD);
    }

    @Test
    void theLogNamesAWorkerThatIsLostAndNoneThatLeaves() {
        Logger logger = (Logger) LoggerFactory.getLogger(StoreDesk.class);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        logger.addAppender(log);
        logger.setLevel(Level.INFO);
        try {
            open("s", 2);
            lab.ask("s", "w0", 1, 10, 20, new WorkerRequest.Leave());
            lab.pass(2 * TIMEOUT);
        } finally {
            logger.setLevel(null);
            logger.detachAppender(log);
        }
        assertThat(log.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly("store 's': worker 'w1' (rank 1) is lost, silent for "
                        + Times.text(Duration.ofMillis(TIMEOUT)));
    }

    @Test
    void timeInWhichTheCoordinatorStoodStillIsNobodysSilence() {
        open("s", 2);
        lab.now += 5 * TIMEOUT;
        lab.heartbeat("s", "w0", 1, 10); // what waited in the mailbox comes before the next tick
        lab.pass(TIMEOUT / 2);
        assertThat(deadIn("s")).isZero();
        lab.pass(TIMEOUT);
        assertThat(deadIn("s")).isEqualTo(2);
    }

    @Test
    void aNewCoordinatorDeclaresNobodyDeadForOneSessionTimeout() {
        open("s", 2);
        lab.pass(TIMEOUT - 200);
        lab.lose(0);
        lab.startCoordinator(2);
        lab.deliver();
        lab.pass(TIMEOUT);
        assertThat(deadIn("s")).isZero();
        lab.pass(300);
        assertThat(deadIn("s")).isEqualTo(2);
    }

    @Test
    void aCoordinatorLeadsOnlyWhenEveryServerThatIsUpHasPromised() {
        open("s", 1);
        lab.cutOff.add(lab.servers.get(2));
        lab.startCoordinator(2);
        lab.pass(5_000);
        assertThat(lab.core().leads()).isFalse();
        lab.forget();
        lab.heartbeat("s", "w0", 1, 10);
        assertThat(lab.last("w0", Waiting.class).text()).contains("not yet from server-2");
        assertThat(lab.terms("w0")).as("it has no right to speak yet").containsOnly(0L);
        lab.lose(2);
        lab.deliver();
        assertThat(lab.core().leads()).isTrue();
    }

    @Test
    void whatAMajorityHasIsFoundAtTheOneOfThemThatStays() {
        CoreLab five = new CoreLab(5);
        five.cutOff.add(five.servers.get(3));
        five.cutOff.add(five.servers.get(4));
        assertThat(five.registered("s", "w0", 1, 10).incarnation()).isEqualTo(1);
        five.cutOff.clear();
        five.lose(0);
        five.lose(0);
        five.startCoordinator(2);
        five.deliver();
        five.forget();
        five.heartbeat("s", "w0", 1, 10);
        assertThat(five.last("w0", News.class).membership().live()).hasSize(1);
        five.ask("s", "w0", 1, 10, 2, new CountDead(2));
        assertThat(five.last("w0", DeadNodes.class).count()).isEqualTo(2);
    }

    @Test
    void aChangeThatNoMajorityHasIsNotInForce() {
        lab.cutOff.add(lab.servers.get(1));
        lab.cutOff.add(lab.servers.get(2));
        lab.register("s", "w0", 1, 10, 1, Memory.NONE);
        lab.pass(3_000);
        assertThat(lab.all("w0", Registered.class)).isEmpty();
        assertThat(lab.listener(0).membership("s")).isNull();
        lab.cutOff.clear();
        lab.pass(1_000);
        assertThat(lab.all("w0", Registered.class)).hasSize(1);
        assertThat(lab.listener(0).membership("s").live()).hasSize(1);
    }

    @Test
    void anEarlierCoordinatorIsRefusedByServersThatHeardALaterOne() {
        open("s", 2);
        CoordinatorCore<String> earlier = lab.core();
        lab.startCoordinator(2);
        lab.deliver();
        assertThat(lab.core().leads()).isTrue();
        earlier.onRequest("w0", new WorkerRequest("s", "w0", 1, 10, 5, 0, new Enter(1)), lab.now);
        earlier.onRequest("w1", new WorkerRequest("s", "w1", 1, 11, 5, 0, new Enter(1)), lab.now);
        lab.deliver();
        assertThat(earlier.leads()).isFalse();
        assertThat(lab.all("w0", News.class))
                .allSatisfy(news -> assertThat(news.released()).isZero());
    }

    @Test
    void aCoordinatorOnAServerThatWasTakenOutOfTheClusterIsNotHeard() {
        open("s", 1);
        CoordinatorCore<String> lost = lab.core();
        lab.lose(0);
        lab.startCoordinator(2);
        lab.deliver();
        lost.serversChanged(lab.servers, List.of(), lab.now);
        lost.onRequest("w0", new WorkerRequest("s", "w0", 1, 10, 5, 90, new Enter(1)), lab.now); // takes term 91
        lab.deliver();
        assertThat(lost.leads()).isFalse();
        lab.heartbeat("s", "w0", 1, 10);
        assertThat(lab.last("w0", News.class).released()).isZero();
        assertThat(lab.core().leads()).isTrue();
    }

    @Test
    void aLateCopyOfARegistrationReplacesNobody() {
        lab.registered("s", "w0", 1, 10);
        Registered other = lab.registered("s", "w0", 1, 20);
        assertThat(other.incarnation()).isEqualTo(2);
        lab.ask("s", "w0", 0, 10, 1, new Register(0, 1, Memory.NONE));
        lab.ask("s", "w0", 0, 30, 1, new Register(1, 1, Memory.NONE));
        assertThat(lab.last("w0", Ticket.class).ticket()).isEqualTo(2);
        lab.pass(1_000);
        assertThat(lab.listener(0).membership("s").member("w0").orElseThrow().incarnation())
                .isEqualTo(2);
    }

    @Test
    void aRepeatedRegistrationIsAnsweredAsTheFirst() {
        Registered first = lab.registered("s", "w0", 1, 10);
        lab.ask("s", "w0", 0, 10, 1, new Register(0, 1, Memory.NONE));
        assertThat(lab.last("w0", Registered.class).incarnation()).isEqualTo(first.incarnation());
        assertThat(lab.listener(0).membership("s").epoch()).isEqualTo(1);
    }

    @Test
    void aLateCopyOfAConfigurationChangesNothing() {
        open("s", 2);
        lab.ask("s", "w0", 1, 10, 2, new Configure(-1, "old"));
        lab.ask("s", "w1", 1, 11, 2, new Configure(-1, "new"));
        assertThat(lab.last("w1", Configured.class).version()).isEqualTo(2);
        lab.ask("s", "w0", 1, 10, 2, new Configure(-1, "old"));
        lab.pass(2_000);
        assertThat(lab.last("w0", Configured.class).version()).isEqualTo(1);
        assertThat(lab.listener(1).configurations("s"))
                .extracting(Configuration::content)
                .containsExactly("old", "new");
    }

    @Test
    void aConfigurationWaitsForAServerThatDoesNotAnswerAndBarriersDoNot() {
        open("s", 1);
        lab.cutOff.add(lab.servers.get(2));
        lab.ask("s", "w0", 1, 10, 2, new Configure(-1, "one"));
        lab.pass(600);
        lab.ask("s", "w0", 1, 10, 2, new Configure(-1, "one"));
        assertThat(lab.last("w0", Waiting.class).text()).isEqualTo("configuration 1 is not yet on server-2");
        assertThat(lab.core().waits(lab.now).get("s")).containsExactly("configuration 1 is not yet on server-2");
        lab.ask("s", "w0", 1, 10, 3, new Enter(1));
        assertThat(lab.last("w0", News.class).released()).isEqualTo(1);
        assertThat(lab.all("w0", Configured.class)).isEmpty();
        lab.lose(2);
        lab.deliver();
        assertThat(lab.last("w0", Configured.class).version()).isEqualTo(1);
        assertThat(lab.core().waits(lab.now)).isEmpty();
    }

    @Test
    void aConfigurationThatIsSetAgainWaitsForAServerThatHasJustJoined() {
        open("s", 1);
        lab.ask("s", "w0", 1, 10, 2, new Configure(-1, "one"));
        lab.joinCutOff();
        lab.forget();
        lab.ask("s", "w0", 1, 10, 3, new Configure(-1, "one"));
        lab.pass(2_000);
        assertThat(lab.all("w0", Configured.class)).isEmpty();
        lab.cutOff.clear();
        lab.pass(1_000);
        assertThat(lab.last("w0", Configured.class).version()).isEqualTo(1);
        assertThat(lab.listener(3).configurations("s")).containsExactly(new Configuration(1, "one"));
    }

    @Test
    void aCommandGoesOnWhereAnotherCoordinatorLeftIt() {
        open("s", 1);
        lab.cutOff.add(lab.servers.get(2));
        lab.ask("s", "w0", 1, 10, 2, new Command(CommandKind.CONTROLLER, 1, "body"));
        lab.pass(1_000);
        assertThat(lab.all("w0", CommandRan.class)).isEmpty();
        lab.cutOff.clear();
        lab.startCoordinator(2);
        lab.deliver();
        lab.ask("s", "w0", 1, 10, 2, new Command(CommandKind.CONTROLLER, 1, "body"));
        assertThat(lab.all("w0", CommandRan.class)).hasSize(3);
        for (int server = 0; server < 3; server++) {
            assertThat(lab.listener(server).commands("s")).hasSize(1);
        }
    }

    @Test
    void aCoordinatorTakesAGreaterTermThanItsWorkersHaveHeardOf() {
        WorkerRequest heartbeat = new WorkerRequest("s", "w0", 7, 10, 0, 500, new WorkerRequest.Heartbeat(3));
        lab.core().onRequest("w0", heartbeat, lab.now);
        lab.deliver();
        lab.forget();
        lab.core().onRequest("w0", heartbeat, lab.now);
        assertThat(lab.terms("w0")).containsExactly(501L);
        assertThat(lab.last("w0", SessionClosed.class)).isEqualTo(new SessionClosed("w0", 7, Closed.UNKNOWN));
    }

    @Test
    void aStoreThatNoServerKnowsAnyMoreGoesOnWithWhatItsWorkersRemember() {
        lab.register("s", "w1", 2, 11, 5, new Memory(0, 7, 3, new Configuration(4, "sgd")));
        lab.register("s", "w0", 2, 10, 5, new Memory(1, 7, 4, new Configuration(3, "older")));
        Registered one = lab.last("w0", Registered.class);
        assertThat(one.rank()).isEqualTo(1);
        assertThat(one.incarnation()).isEqualTo(8);
        assertThat(one.news().released()).isEqualTo(4);
        assertThat(lab.listener(0).configurations("s")).containsExactly(new Configuration(4, "sgd"));
    }

    @Test
    void aWorkerThatWasDeclaredDeadGoesOnAloneIfNobodyElseComes() {
        open("s", 2);
        lab.pass(TIMEOUT + 300);
        assertThat(deadIn("s")).isEqualTo(2);
        for (int i = 0; i <= 22; i++) {
            lab.register("s", "w1", 2, 11, 2, new Memory(1, 1, 0, Configuration.NONE));
            lab.pass(500);
        }
        Registered back = lab.last("w1", Registered.class);
        assertThat(back.rank()).isEqualTo(1);
        assertThat(back.incarnation()).isEqualTo(2);
        assertThat(deadIn("s")).isEqualTo(1);
    }

    @Test
    void aNewNameTakesTheRankOfADeadWorkerWhoseOwnIsThenNotCountedAsDead() {
        open("s", 2);
        for (int i = 0; i < 12; i++) {
            lab.heartbeat("s", "w0", 1, 10);
            lab.pass(1_000);
        }
        assertThat(deadIn("s")).isEqualTo(1);
        Registered other = lab.registered("s", "other", 2, 30);
        assertThat(other.rank()).isEqualTo(1);
        assertThat(deadIn("s")).isZero();
        lab.heartbeat("s", "w1", 1, 11);
        assertThat(lab.last("w1", SessionClosed.class).why()).isEqualTo(Closed.DEAD);
        lab.register("s", "w1", 2, 11, 2, new Memory(1, 1, 0, Configuration.NONE));
        assertThat(lab.last("w1", Refused.class).message()).contains("has its 2 workers: w0 (rank 0), other (rank 1)");
    }

    @Test
    void twoProcessesThatWaitUnderOneNameAreToldSo() {
        lab.register("s", "w0", 2, 10, 1, Memory.NONE);
        lab.register("s", "w0", 2, 20, 1, Memory.NONE);
        assertThat(lab.last("w0", Waiting.class).text()).isEqualTo("another process registers as 'w0'");
    }

    @Test
    void aStoreWhoseWorkersStoppedWaitingIsForgotten() {
        lab.register("s", "w0", 2, 10, 1, Memory.NONE);
        assertThat(lab.core().waits(lab.now).get("s")).containsExactly("1 of 2 workers are here: w0");
        lab.pass(TIMEOUT + 300);
        lab.register("s", "w1", 3, 20, 1, Memory.NONE);
        assertThat(lab.core().waits(lab.now).get("s")).containsExactly("1 of 3 workers are here: w1");
    }

    @Test
    void aClusterHasALimitOfStoresAndTellsANewCoordinatorAllOfThem() {
        for (int store = 0; store < Limits.STORES; store++) {
            assertThat(lab.registered("s" + store, "w", 1, 10).rank()).isZero();
        }
        lab.register("more", "w", 1, 10, 1, Memory.NONE);
        assertThat(lab.last("w", Refused.class).reason()).isEqualTo(Reason.BUSY);
        lab.startCoordinator(2);
        lab.deliver();
        lab.heartbeat("s" + (Limits.STORES - 1), "w", 1, 10);
        assertThat(lab.last("w", News.class).membership().live()).hasSize(1);
    }

    private void open(String store, int workers) {
        for (int rank = 0; rank < workers; rank++) {
            lab.register(store, "w" + rank, workers, 10 + rank, 1, Memory.NONE);
        }
        assertThat(lab.last("w" + (workers - 1), Registered.class).rank()).isEqualTo(workers - 1);
    }

    private int deadIn(String store) {
        lab.ask(store, "counter", 0, 99, 1, new CountDead(4));
        return lab.last("counter", DeadNodes.class).count();
    }
}
