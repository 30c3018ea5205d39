package io.kvstore.cluster.coordinator;

import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.Sessions.Session;
import io.kvstore.cluster.coordinator.WorkerRequest.Configure;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The configurations that a store's workers ask for, in the order in which they came. One becomes the next version only
 * when the version before is on every server, so that no server misses one. A worker has one such request at a time.
 */
final class ConfigDesk<R> {
    private record Change<R>(WorkerRequest request, R address) {}

    private final String store;
    private final Office<R> office;
    private final Replicated record;
    private final Map<String, Change<R>> changes = new LinkedHashMap<>();

    ConfigDesk(String store, Office<R> office, Replicated record) {
        this.store = store;
        this.office = office;
        this.record = record;
    }

    /** A live worker's request, or a repeat of it. */
    void onConfigure(Session<R> session, WorkerRequest request) {
        Seat seat = record.decided().seat(session.worker).orElseThrow();
        if (request.call() < seat.configCall()) {
            return; // a late copy
        }
        boolean repeated = session.openCall() == request.call();
        session.opened(request.call());
        if (request.call() > seat.configCall()) {
            changes.put(session.worker, new Change<>(request, session.address()));
        }
        answer(session);
        if (repeated && session.openCall() > 0) {
            office.reply(session.address(), store, new WorkerReply.Waiting(request.call(), explanation()));
        }
    }

    /** Decides what can be, the others wait. */
    void decide() {
        Iterator<Change<R>> waiting = changes.values().iterator();
        while (waiting.hasNext()) {
            Change<R> change = waiting.next();
            WorkerRequest request = change.request;
            StoreRecord decided = record.decided();
            if (!decided.isLive(request.worker(), request.incarnation()) || decideOne(change, decided)) {
                waiting.remove();
            }
        }
    }

    /** Answers those whose configuration is on every server. */
    void answer(Collection<Session<R>> sessions) {
        sessions.forEach(this::answer);
    }

    /** @return whether it need not wait any more */
    private boolean decideOne(Change<R> change, StoreRecord decided) {
        WorkerRequest request = change.request;
        Configure asked = (Configure) request.ask();
        Configuration now = decided.configuration();
        boolean equal = now.version() > 0 && asked.content().equals(now.content());
        if (!equal && !isEverywhere(now)) {
            return false;
        }
        if (!equal && asked.expected() >= 0 && asked.expected() != now.version()) {
            office.reply(
                    change.address,
                    store,
                    new WorkerReply.Refused(
                            request.call(),
                            Reason.OUT_OF_ORDER,
                            "the configuration of store '" + store + "' is at version " + now.version() + ", expected "
                                    + asked.expected() + "; another worker changed it: look at it and try again"));
            return true;
        }
        Configuration next = equal ? now : new Configuration(now.version() + 1, asked.content());
        record.decide(decided.configured(next).called(request.worker(), request.call(), next.version()));
        return true;
    }

    private void answer(Session<R> session) {
        long call = session.openCall();
        Seat seat = record.effective().seat(session.worker).orElseThrow();
        if (call > 0
                && seat.configCall() == call
                && isEverywhere(record.effective().configuration())) {
            session.opened(0);
            office.reply(session.address(), store, new WorkerReply.Configured(call, seat.configVersion()));
        }
    }

    /** Also on a server that has joined since it was set. */
    private boolean isEverywhere(Configuration configuration) {
        return configuration.equals(record.effective().configuration())
                && record.configurationIsEverywhere(office.servers());
    }

    /** What the newest configuration waits for. */
    String explanation() {
        return Limits.line("configuration " + record.decided().configuration().version() + " is not yet on "
                + Texts.addresses(record.lackConfiguration(office.servers())));
    }
}
