package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.WorkerReply.Alive;
import io.kvstore.cluster.coordinator.WorkerReply.Answer;
import io.kvstore.cluster.coordinator.WorkerReply.CommandRan;
import io.kvstore.cluster.coordinator.WorkerReply.News;
import io.kvstore.cluster.coordinator.WorkerReply.Refused;
import io.kvstore.cluster.coordinator.WorkerReply.Registered;
import io.kvstore.cluster.coordinator.WorkerReply.SessionClosed;
import io.kvstore.cluster.coordinator.WorkerReply.Ticket;
import io.kvstore.cluster.coordinator.WorkerRequest.Ask;
import io.kvstore.cluster.coordinator.WorkerRequest.Command;
import io.kvstore.cluster.coordinator.WorkerRequest.Enter;
import io.kvstore.cluster.coordinator.WorkerRequest.Heartbeat;
import io.kvstore.cluster.coordinator.WorkerRequest.Register;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class ClientCoreTest implements WorkerListener {
    private static final CoordinatorSettings SETTINGS = CoreLab.SETTINGS;

    private record Sent(String server, WorkerRequest request) {}

    private final List<Sent> sent = new ArrayList<>();
    private final List<String> heard = new ArrayList<>();
    private long now;
    private final ClientCore client = new ClientCore(
            new WorkerIdentity("s", "w0", 2, List.of("a", "b")),
            4,
            SETTINGS,
            this,
            (server, request) -> sent.add(new Sent(server, request)),
            0);

    @Test
    void asksAnotherServerWhenOneIsSilentAndNeverEnds() {
        client.register(now);
        pass(60_000);
        assertThat(asked(Register.class)).extracting(Sent::server).contains("a", "b");
        assertThat(asked(Register.class)).hasSizeGreaterThan(100);
        assertThat(client.waitingFor(now))
                .contains(
                        "registration of worker 'w0' in store 's'", "no answer from the coordinator for 60 s, asking ");
    }

    @Test
    void usesATicketAtOnceAndTheServersThatComeWithIt() {
        client.register(now);
        reply(1, new Ticket(1, 7, List.of("c")));
        reply(1, new Ticket(1, 7, List.of("c")));
        assertThat(asked(Register.class)).hasSize(2);
        assertThat(((Register) lastAsk()).ticket()).isEqualTo(7);
        assertThat(sent.get(1).server()).isEqualTo("c");
    }

    @Test
    void sendsTheNextCommandWhenTheLastHasRunEverywhere() {
        registered(1);
        CompletableFuture<List<CommandOutcome>> one = client.command(CommandKind.CONTROLLER, 1, "one", now);
        client.command(CommandKind.CONTROLLER, 2, "two", now);
        assertThat(asked(Command.class)).hasSize(1);
        long call = lastRequest().call();
        reply(1, new CommandRan(call, 2, new CommandOutcome("a", "", "")));
        reply(1, new CommandRan(call, 2, new CommandOutcome("a", "", "")));
        assertThat(one).isNotDone();
        reply(1, new CommandRan(call, 2, new CommandOutcome("b", "", "")));
        assertThat(one).isCompletedWithValueMatching(outcomes -> outcomes.size() == 2);
        assertThat(((Command) lastAsk()).body()).isEqualTo("two");
    }

    @Test
    void whatIsOpenGoesOnInTheNextLife() {
        registered(1);
        CompletableFuture<Void> barrier = client.barrier(now);
        CompletableFuture<List<CommandOutcome>> command = client.command(CommandKind.CONTROLLER, 1, "one", now);
        long call = lastRequest().call();
        reply(1, new SessionClosed("w0", 1, Closed.DEAD));
        assertThat(heard).contains("closed 1 DEAD");
        sent.clear();
        pass(3_000);
        assertThat(sent).as("nothing is asked under a life that is over").isEmpty();
        registered(2);
        assertThat(asked(Enter.class)).isNotEmpty();
        assertThat(asked(Command.class)).allSatisfy(each -> {
            assertThat(each.request().call()).isEqualTo(call);
            assertThat(each.request().incarnation()).isEqualTo(2);
        });
        reply(1, news(20, 1));
        assertThat(barrier).isCompleted();
        reply(1, new CommandRan(call, 1, new CommandOutcome("a", "", "")));
        assertThat(command).isCompleted();
    }

    @Test
    void registersAgainWithWhatItRemembers() {
        registered(3);
        reply(1, news(9, 5, new Configuration(2, "sgd")));
        reply(1, new SessionClosed("w0", 3, Closed.UNKNOWN));
        client.register(now);
        assertThat(((Register) lastAsk()).memory()).isEqualTo(new Memory(0, 3, 5, new Configuration(2, "sgd")));
    }

    @Test
    void believesNoSmallerTermAndNoOlderNews() {
        registered(1);
        reply(5, news(4, 0));
        reply(4, news(9, 7));
        reply(5, news(3, 7));
        CompletableFuture<Void> barrier = client.barrier(now);
        assertThat(barrier).isNotDone();
        reply(4, new SessionClosed("w0", 1, Closed.DEAD));
        assertThat(heard).noneMatch(each -> each.startsWith("closed"));
        assertThat(lastRequest().term()).isEqualTo(5);
        reply(5, news(5, 1));
        assertThat(barrier).isCompleted();
    }

    @Test
    void heartbeatsGoOnAndNameTheNewsThatItHas() {
        registered(1);
        reply(1, news(6, 0));
        sent.clear();
        for (int i = 0; i < 5; i++) {
            pass(1_000);
            reply(1, new Alive());
        }
        assertThat(asked(Heartbeat.class)).hasSizeBetween(4, 6);
        assertThat(((Heartbeat) asked(Heartbeat.class).get(0).request().ask()).news())
                .isEqualTo(6);
    }

    @Test
    void countsTheCoordinatorAndAllServersAsDeadWhenNobodyAnswers() {
        registered(1);
        CompletableFuture<Integer> all = client.countDead(7, now);
        CompletableFuture<Integer> servers = client.countDead(2, now);
        pass(SETTINGS.sessionTimeout() - 500);
        assertThat(all).isNotDone();
        pass(1_500);
        assertThat(all).isCompletedWithValue(3);
        assertThat(servers).isCompletedWithValue(2);
    }

    @Test
    void aRefusalFailsTheCallItIsAbout() {
        CompletableFuture<Registration> registering = client.register(now);
        reply(1, new Refused(1, Reason.INVALID_CONFIGURATION, "full"));
        assertThat(registering).isCompletedExceptionally();
        registered(1);
        CompletableFuture<Configuration> one = client.configure("one", 1, now);
        CompletableFuture<Configuration> two = client.configure("two", -1, now);
        reply(1, new Refused(lastRequest().call(), Reason.OUT_OF_ORDER, "outdated"));
        assertThat(one).isCompletedExceptionally();
        assertThat(two).isNotDone();
        reply(1, new WorkerReply.Configured(lastRequest().call(), 4));
        assertThat(two).isCompletedWithValue(new Configuration(4, "two"));
    }

    @Test
    void newsAreToldOnce() {
        registered(1);
        heard.clear();
        reply(1, news(7, 0, new Configuration(1, "sgd")));
        reply(1, news(7, 0, new Configuration(1, "sgd")));
        reply(1, news(8, 1, new Configuration(1, "sgd")));
        assertThat(heard).containsExactly("configuration 1");
    }

    @Test
    void barriersThatOthersPassedWithoutItAreNotWaitedFor() {
        registered(1);
        reply(1, news(9, 8));
        reply(1, new SessionClosed("w0", 1, Closed.DEAD));
        client.register(now);
        reply(1, new Registered(lastRequest().call(), "w0", 0, 2, news(20, 8)));
        client.barrier(now);
        assertThat(((Enter) lastAsk()).barrier()).isEqualTo(9);
    }

    private void registered(long incarnation) {
        CompletableFuture<Registration> registering = client.register(now);
        reply(1, new Registered(lastRequest().call(), "w0", 0, incarnation, news(1 + incarnation, 0)));
        assertThat(registering).isCompleted();
    }

    private static News news(long number, long released) {
        return news(number, released, Configuration.NONE);
    }

    private static News news(long number, long released, Configuration configuration) {
        Membership membership = new Membership("s", 1, 2, 9, List.of(new Member("w0", 0, 1, Member.State.LIVE)));
        return new News(number, released, membership, configuration, List.of("a", "b"));
    }

    private void reply(long term, Answer answer) {
        client.onReply(new WorkerReply(term, "s", answer), now);
    }

    private void pass(long millis) {
        for (long end = now + millis; now < end; ) {
            now += 100;
            client.tick(now);
        }
    }

    private List<Sent> asked(Class<? extends Ask> kind) {
        return sent.stream()
                .filter(each -> kind.isInstance(each.request().ask()))
                .toList();
    }

    private WorkerRequest lastRequest() {
        return sent.get(sent.size() - 1).request();
    }

    private Ask lastAsk() {
        return lastRequest().ask();
    }

    @Override
    public void closed(long incarnation, Closed why) {
        heard.add("closed " + incarnation + " " + why);
    }

    @Override
    public void membersChanged(Membership membership) {
        heard.add("members " + membership.epoch());
    }

    @Override
    public void configChanged(Configuration configuration) {
        heard.add("configuration " + configuration.version());
    }

    @Override
    public void serversChanged(List<String> servers) {
        heard.add("servers " + servers);
    }
}
