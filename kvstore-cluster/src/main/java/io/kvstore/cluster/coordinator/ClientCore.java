package io.kvstore.cluster.coordinator;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.WorkerReply.News;
import io.kvstore.cluster.coordinator.WorkerReply.Registered;
import io.kvstore.cluster.coordinator.WorkerReply.SessionClosed;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * A worker's side of the coordinator, without Akka: calls and replies in, requests and answers out; not thread-safe.
 *
 * <p>A request is sent until it is answered, to one server, and to the next when that is silent. What is open when a life
 * ends goes on in the next one.
 */
final class ClientCore {

    /** What a client does to the world. */
    interface Effects {
        void send(String server, WorkerRequest request);
    }

    private final WorkerIdentity identity;
    private final long client;
    private final CoordinatorSettings settings;
    private final WorkerListener listener;
    private final Effects effects;
    private final Route route;
    private final OpenCalls open = new OpenCalls();
    private Asked<Registration> registering;
    private Registration registration;
    private String name;
    private Membership membership;
    private Memory memory = Memory.NONE;
    private List<String> servers = List.of();
    private long ticket = -1;
    private long entered;
    private long calls;
    private long term;
    private long newsNumber;
    private long heartbeat;

    /** @param client tells this worker's process from all others */
    ClientCore(
            WorkerIdentity identity,
            long client,
            CoordinatorSettings settings,
            WorkerListener listener,
            Effects effects,
            long now) {
        this.identity = identity;
        this.client = client;
        this.settings = settings;
        this.listener = listener;
        this.effects = effects;
        this.name = identity.name();
        this.route = new Route(identity.servers(), client, 3 * settings.resendAfter(), now);
    }

    CompletableFuture<Registration> register(long now) {
        if (registration != null) {
            return CompletableFuture.completedFuture(registration);
        }
        if (registering == null) {
            registering = new Asked<>(++calls, null, "registration of " + label(), now);
            send(now);
        }
        return registering.answer;
    }

    CompletableFuture<Void> barrier(long now) {
        if (memory.incarnation() == 0) {
            return CompletableFuture.failedFuture(
                    new KVStoreException(Reason.INVALID_ARGUMENT, "barrier before register"));
        }
        return sent(open.enter(++entered, ++calls, now), now);
    }

    CompletableFuture<Configuration> configure(String content, long expected, long now) {
        return sent(open.configure(new WorkerRequest.Configure(expected, content), ++calls, now), now);
    }

    CompletableFuture<List<CommandOutcome>> command(CommandKind kind, int head, String body, long now) {
        return sent(open.command(new WorkerRequest.Command(kind, head, body), ++calls, now), now);
    }

    CompletableFuture<Integer> countDead(int group, long now) {
        return sent(open.count(new WorkerRequest.CountDead(group), ++calls, now), now);
    }

    CompletableFuture<Void> leave(long now) {
        if (registration == null) {
            return CompletableFuture.completedFuture(null);
        }
        return sent(open.leave(++calls, now), now);
    }

    /** Fails what is open. */
    void close() {
        String message = "the session of " + label() + " is closed";
        Asked<Registration> waiting = registering;
        registering = null;
        registration = null;
        if (waiting != null) {
            waiting.answer.completeExceptionally(new KVStoreException(Reason.CLOSED, message));
        }
        open.close(message);
    }

    /** To be called several times within {@link CoordinatorSettings#resendAfter}. */
    void tick(long now) {
        boolean asks =
                registration != null || registering != null || !open.ofAnybody().isEmpty();
        if (asks && route.turnIfSilent(now)) {
            hurry(now);
        }
        if (registration != null && now - heartbeat >= settings.heartbeatInterval()) {
            heartbeat = now;
            send(0, new WorkerRequest.Heartbeat(newsNumber));
        }
        if (route.silence(now) > settings.sessionTimeout()) {
            open.countsBefore(now - settings.sessionTimeout())
                    .forEach(each -> open.counted(
                            each.call, deadWithoutCoordinator(((WorkerRequest.CountDead) each.ask()).group())));
        }
        send(now);
    }

    void onReply(WorkerReply reply, long now) {
        route.heard(now);
        if (reply.answer() instanceof WorkerReply.Waiting waiting) {
            onWaiting(waiting);
        } else if (reply.term() >= term) {
            if (reply.term() > term) {
                term = reply.term();
                newsNumber = 0;
            }
            onAnswer(reply.answer(), now);
        }
    }

    /** What is waited for and by whom it is held up, for people; empty if nothing is. */
    String waitingFor(long now) {
        List<Asked<?>> asked = new ArrayList<>(open.all());
        if (registering != null) {
            asked.add(0, registering);
        }
        String waits = asked.stream().map(Asked::toString).collect(Collectors.joining("; "));
        if (route.silence(now) < 2 * Math.max(settings.heartbeatInterval(), settings.resendAfter())
                || asked.isEmpty() && registration == null) {
            return waits;
        }
        String silence =
                "no answer from the coordinator for " + route.silence(now) / 1000 + " s, asking " + route.target();
        return waits.isEmpty() ? silence : waits + "; " + silence;
    }

    private void onAnswer(WorkerReply.Answer answer, long now) {
        if (answer instanceof WorkerReply.Ticket given) {
            onTicket(given);
        } else if (answer instanceof Registered registered) {
            onRegistered(registered, now);
        } else if (answer instanceof News news) {
            onNews(news);
        } else if (answer instanceof SessionClosed over) {
            onClosed(over);
        } else if (answer instanceof WorkerReply.Configured configured) {
            open.configured(configured.call(), configured.version());
        } else if (answer instanceof WorkerReply.CommandRan ran) {
            open.ran(ran);
        } else if (answer instanceof WorkerReply.DeadNodes dead) {
            open.counted(dead.call(), dead.count());
        } else if (answer instanceof WorkerReply.Refused refused) {
            onRefused(refused);
        }
        send(now); // the next of what goes one after the other
    }

    private void onTicket(WorkerReply.Ticket given) {
        if (registering == null || registering.call != given.call()) {
            return;
        }
        route.learn(given.servers());
        if (ticket != given.ticket()) {
            ticket = given.ticket();
            registering.hurry();
        }
    }

    private void onRegistered(Registered registered, long now) {
        if (registering == null || registering.call != registered.call()) {
            return;
        }
        Asked<Registration> asked = registering;
        registering = null;
        name = registered.name();
        News news = registered.news();
        memory = new Memory(registered.rank(), registered.incarnation(), memory.released(), memory.configuration());
        entered = Math.max(entered, news.released());
        heartbeat = now;
        registration = new Registration(
                name,
                registered.rank(),
                registered.incarnation(),
                news.released(),
                news.membership(),
                newest(news.configuration()));
        open.hurry();
        asked.answer.complete(registration);
        onNews(news);
    }

    private Configuration newest(Configuration told) {
        return told.version() > memory.configuration().version() ? told : memory.configuration();
    }

    private void onNews(News news) {
        if (registration == null || news.number() <= newsNumber) {
            return;
        }
        newsNumber = news.number();
        Configuration before = memory.configuration();
        memory = new Memory(
                memory.rank(),
                memory.incarnation(),
                Math.max(memory.released(), news.released()),
                newest(news.configuration()));
        if (!news.servers().equals(servers)) {
            servers = news.servers();
            route.learn(servers);
            listener.serversChanged(servers);
        }
        if (!news.membership().equals(membership)) {
            membership = news.membership();
            listener.membersChanged(membership);
        }
        if (!memory.configuration().equals(before)) {
            listener.configChanged(memory.configuration());
        }
        open.released(memory.released());
    }

    private void onClosed(SessionClosed over) {
        if (registration == null
                || over.incarnation() != memory.incarnation()
                || !over.worker().equals(name)) {
            return;
        }
        registration = null;
        boolean asked = open.isLeaving();
        open.left();
        if (!asked) {
            listener.closed(over.incarnation(), over.why());
        }
    }

    private void onRefused(WorkerReply.Refused refused) {
        KVStoreException problem = new KVStoreException(refused.reason(), refused.message());
        if (registering != null && registering.call == refused.call()) {
            Asked<Registration> asked = registering;
            registering = null;
            asked.answer.completeExceptionally(problem);
        } else {
            open.refused(refused.call(), problem);
        }
    }

    private void onWaiting(WorkerReply.Waiting waiting) {
        if (registering != null && registering.call == waiting.call()) {
            registering.explain(waiting.text());
        } else {
            open.explain(waiting.call(), waiting.text());
        }
    }

    /** Nobody has answered for a session timeout: the coordinator is dead, and with it all servers that were known. */
    private int deadWithoutCoordinator(int group) {
        int dead = (group & 1) == 0 ? 0 : 1;
        if ((group & 2) != 0) {
            dead += servers.size();
        }
        if ((group & 4) != 0 && membership != null) {
            dead += (int) membership.members().stream()
                    .filter(each -> each.state() == Member.State.DEAD)
                    .count();
        }
        return dead;
    }

    private <T> CompletableFuture<T> sent(Asked<T> asked, long now) {
        send(now);
        return asked.answer;
    }

    /** Sends what is due. */
    private void send(long now) {
        if (registering != null) {
            send(registering, new WorkerRequest.Register(ticket, identity.workers(), memory), now);
        }
        List<Asked<?>> asked = new ArrayList<>(open.ofAnybody());
        if (registration != null) {
            asked.addAll(open.ofMember());
        }
        asked.forEach(each -> send(each, each.ask(), now));
    }

    private void send(Asked<?> asked, WorkerRequest.Ask ask, long now) {
        if (asked.isDue(now, settings.resendAfter())) {
            asked.sentAt(now);
            send(asked.call, ask);
        }
    }

    private void send(long call, WorkerRequest.Ask ask) {
        long incarnation = registration == null ? 0 : registration.incarnation();
        effects.send(route.target(), new WorkerRequest(identity.store(), name, incarnation, client, call, term, ask));
    }

    private void hurry(long now) {
        open.hurry();
        heartbeat = now - settings.heartbeatInterval();
        if (registering != null) {
            registering.hurry();
        }
    }

    private String label() {
        return (name.isEmpty() ? "a worker without name" : "worker '" + name + "'") + " in store '" + identity.store()
                + "'";
    }
}
