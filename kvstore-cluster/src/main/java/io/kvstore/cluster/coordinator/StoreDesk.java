package io.kvstore.cluster.coordinator;

import io.kvstore.cluster.coordinator.Sessions.Session;
import io.kvstore.cluster.coordinator.WorkerReply.News;
import io.kvstore.cluster.coordinator.WorkerRequest.CountDead;
import io.kvstore.cluster.coordinator.WorkerRequest.Enter;
import io.kvstore.cluster.coordinator.WorkerRequest.Heartbeat;
import io.kvstore.session.Times;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One store at the coordinator. Requests change what is decided; answers are given from what is in force, so that a
 * repeated request is answered as the first was.
 */
final class StoreDesk<R> {
    private static final Logger LOG = LoggerFactory.getLogger(StoreDesk.class);

    private final String store;
    private final Office<R> office;
    private final Replicated record;
    private final Sessions<R> sessions = new Sessions<>();
    private final Registrar<R> registrar;
    private final ConfigDesk<R> configurations;
    private final CommandDesk<R> commands;
    private Configuration everywhere = Configuration.NONE;
    private long news = 1;
    private long sent;

    StoreDesk(String store, Office<R> office, Replicated record) {
        this.store = store;
        this.office = office;
        this.record = record;
        this.registrar = new Registrar<>(store, office, record);
        this.configurations = new ConfigDesk<>(store, office, record);
        this.commands = new CommandDesk<>(store, office);
    }

    void onRequest(R from, WorkerRequest request, long now) {
        if (record.effective() == null) {
            wait(from, request, "the coordinator writes what it found to a majority of the servers");
        } else if (request.ask() instanceof WorkerRequest.Register) {
            onRegister(from, request, now);
        } else if (request.ask() instanceof CountDead count) {
            office.reply(from, store, new WorkerReply.DeadNodes(request.call(), dead(count.group())));
        } else if (!record.effective().isLive(request.worker(), request.incarnation())) {
            office.reply(from, store, closing(request.worker(), request.incarnation(), request.client()));
        } else if (record.decided().isLive(request.worker(), request.incarnation())) {
            onMember(sessions.heard(request.worker(), from, now), request, now);
        }
        advance(now);
    }

    void onWrote(Server server, ViewReply.Wrote wrote, long now) {
        record.acknowledged(server, wrote.revision(), wrote.effective());
        advance(now);
    }

    void onRan(Server server, ViewReply.Ran ran) {
        commands.onRan(server, ran);
    }

    void serversChanged(long now) {
        commands.serversChanged();
        if (record.effective() != null) {
            announce();
        }
        sent = now - office.settings().resendAfter(); // a new server is behind in everything
        advance(now);
    }

    void tick(long now) {
        commands.tick(now);
        advance(now);
    }

    void forgive(long millis) {
        sessions.forgive(millis);
        registrar.forgive(millis);
    }

    /** Whether nobody would miss this desk: no record, and nobody who waits. */
    boolean isIdle() {
        return record.decided().epoch() == 0 && registrar.isIdle();
    }

    /** What workers wait for here, each in one line. */
    List<String> waits(long now) {
        List<String> waits = new ArrayList<>();
        registrar.explanation(now).ifPresent(waits::add);
        if (record.effective() == null) {
            waits.add("the coordinator writes what it found to a majority of the servers");
            return waits;
        }
        long next = record.effective().released() + 1;
        if (sessions.all().stream().anyMatch(session -> session.arrived() >= next)) {
            waits.add(barrierExplanation(next));
        }
        if (!everywhere.equals(record.decided().configuration())) {
            waits.add(configurations.explanation());
        }
        waits.addAll(commands.explanations());
        return waits;
    }

    private void onRegister(R from, WorkerRequest request, long now) {
        Seat seat = record.effective().seatOf(request.client()).orElse(null);
        if (seat != null && seat.call() == request.call() && seat.member().live()) {
            sessions.heard(seat.member().name(), from, now);
            office.reply(from, store, registered(seat.call(), seat.member()));
        } else {
            registrar.onRegister(from, request, now);
        }
    }

    private void onMember(Session<R> session, WorkerRequest request, long now) {
        if (request.ask() instanceof Heartbeat heartbeat) {
            boolean knows = request.term() == office.ballot().term() && heartbeat.news() == news;
            office.reply(session.address(), store, knows ? new WorkerReply.Alive() : news());
        } else if (request.ask() instanceof Enter enter) {
            onEnter(session, enter.barrier(), request);
        } else if (request.ask() instanceof WorkerRequest.Configure) {
            configurations.onConfigure(session, request);
        } else if (request.ask() instanceof WorkerRequest.Command) {
            commands.onCommand(session.address(), request, now);
        } else if (request.ask() instanceof WorkerRequest.Leave) {
            record.decide(record.decided().closed(session.worker, Member.State.LEFT));
        }
    }

    private void onEnter(Session<R> session, long barrier, WorkerRequest request) {
        boolean repeated = session.arriveAt(barrier);
        if (record.effective().released() >= barrier) {
            office.reply(session.address(), store, news());
        } else if (repeated) {
            wait(session.address(), request, barrierExplanation(barrier));
        }
    }

    private String barrierExplanation(long barrier) {
        return "barrier " + barrier + " waits for " + Texts.members(sessions.missingAt(barrier, record.effective()));
    }

    private int dead(int group) {
        int servers = (group & 2) == 0 ? 0 : office.lostServers();
        long workers = (group & 4) == 0
                ? 0
                : record.effective().seats().stream()
                        .filter(seat -> seat.member().state() == Member.State.DEAD)
                        .count();
        return servers + (int) workers; // the coordinator itself answers, so it is alive
    }

    private void advance(long now) {
        if (record.takeEffect(office.servers())) {
            inForce(now);
        }
        if (record.effective() != null) {
            followConfiguration();
            decide(now);
        }
        record.writeDecided();
        if (record.takeFresh() || now - sent >= office.settings().resendAfter()) {
            sent = now;
            record.unacknowledged(office.servers(), office::order);
        }
    }

    private void followConfiguration() {
        boolean isEverywhere = record.configurationIsEverywhere(office.servers());
        if (isEverywhere && !everywhere.equals(record.effective().configuration())) {
            everywhere = record.effective().configuration();
            announce();
        }
        if (isEverywhere) {
            configurations.answer(sessions.all());
        }
    }

    private void decide(long now) {
        for (Session<R> each : sessions.silentSince(now - office.settings().sessionTimeout())) {
            if (record.decided().isLive(each.worker, each.incarnation)) {
                lost(each.worker);
            }
        }
        registrar.decide(now);
        configurations.decide();
        long arrived = sessions.arrivedByAll(record.decided());
        if (arrived > record.decided().released()) {
            record.decide(record.decided().released(arrived));
        }
    }

    private void lost(String worker) {
        record.decided()
                .seat(worker)
                .map(Seat::member)
                .ifPresent(member -> LOG.info(
                        "store '{}': worker '{}' (rank {}) is lost, silent for {}",
                        store,
                        worker,
                        member.rank(),
                        Times.text(Duration.ofMillis(office.settings().sessionTimeout()))));
        record.decide(record.decided().closed(worker, Member.State.DEAD));
    }

    private void inForce(long now) {
        List<Session<R>> ended = sessions.follow(record.effective(), now);
        commands.follow(record.effective());
        news++;
        for (Session<R> each : ended) {
            if (each.address() != null) {
                office.reply(each.address(), store, closing(each.worker, each.incarnation, each.client));
            }
        }
        registrar.takeRegistered((waiter, member) -> {
            sessions.heard(member.name(), waiter.address(), now);
            office.reply(waiter.address(), store, registered(waiter.candidate.call(), member));
        });
        announce();
    }

    /** Tells all members what is new. */
    private void announce() {
        news++;
        for (Session<R> each : sessions.all()) {
            if (each.address() != null) {
                office.reply(each.address(), store, news());
            }
        }
    }

    private News news() {
        StoreRecord effective = record.effective();
        return new News(news, effective.released(), effective.membership(), everywhere, office.addresses());
    }

    private WorkerReply.Registered registered(long call, Member member) {
        return new WorkerReply.Registered(call, member.name(), member.rank(), member.incarnation(), news());
    }

    private WorkerReply.SessionClosed closing(String worker, long incarnation, long client) {
        return new WorkerReply.SessionClosed(worker, incarnation, why(worker, incarnation, client));
    }

    private Closed why(String worker, long incarnation, long client) {
        if (incarnation > record.effective().lastIncarnation()) {
            return Closed.UNKNOWN;
        }
        Seat seat = record.effective().seat(worker).orElse(null);
        if (seat == null) {
            return Closed.DEAD; // and another took its rank
        } else if (seat.client() != client) {
            return Closed.REPLACED;
        }
        return seat.member().state() == Member.State.LEFT ? Closed.LEFT : Closed.DEAD;
    }

    private void wait(R to, WorkerRequest request, String text) {
        office.reply(to, store, new WorkerReply.Waiting(request.call(), Limits.line(text)));
    }
}
