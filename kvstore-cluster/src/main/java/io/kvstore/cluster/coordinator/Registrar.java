package io.kvstore.cluster.coordinator;

import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.Seating.Candidate;
import io.kvstore.cluster.coordinator.Waitlist.Waiter;
import io.kvstore.cluster.coordinator.WorkerRequest.Register;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;

/**
 * Decides who becomes a member of one store. A store without live members waits until all of its workers are there and
 * registers them together; one with live members takes a worker at once, if it has a place. A worker whose life ended
 * while it trained waits for the others a session timeout, and goes on with those who are there.
 */
final class Registrar<R> {
    private final String store;
    private final Office<R> office;
    private final Replicated record;
    private final Waitlist<R> waitlist = new Waitlist<>();

    Registrar(String store, Office<R> office, Replicated record) {
        this.store = store;
        this.office = office;
        this.record = record;
    }

    /** A request of a worker whose registration is not in force yet. */
    void onRegister(R from, WorkerRequest request, long now) {
        Register register = (Register) request.ask();
        StoreRecord decided = record.decided();
        Seat seat = decided.seatOf(request.client()).orElse(null);
        if (seat != null
                && (request.call() < seat.call()
                        || request.call() == seat.call() && seat.member().live())) {
            return; // a late copy, or decided already: answered as soon as it is in force
        }
        if (register.ticket() != decided.lastIncarnation()) {
            ticket(from, request);
            return;
        }
        String refusal = refusal(request, register.workers(), now);
        if (refusal != null) {
            waitlist.remove(request.client());
            refuse(from, request.call(), refusal);
            return;
        }
        Waiter<R> rival = waitlist.rivalOf(request.worker(), request.client()).orElse(null);
        if (rival != null) {
            wait(from, request.call(), "another process registers as '" + request.worker() + "'");
            return;
        }
        Candidate candidate = new Candidate(request.worker(), request.client(), request.call(), register.memory());
        if (waitlist.heard(candidate, register.workers(), from, now)) {
            ticket(from, request); // the wait may be longer than the servers live that the worker knows
            wait(from, request.call(), explanation(now).orElse(""));
        }
    }

    /** Registers those that can be; the record decided grows by them. */
    void decide(long now) {
        waitlist.dropSilentSince(now - office.settings().sessionTimeout());
        List<Waiter<R>> here = here(now);
        StoreRecord decided = record.decided();
        if (!decided.hasLive()) {
            open(here, now);
            return;
        }
        for (Waiter<R> each : here) {
            decided = record.decided();
            if (isSeated(decided, each)) {
                continue;
            }
            if (Seating.hasPlace(decided, decided.workers(), each.candidate.name())) {
                record.decide(Seating.seat(decided, decided.workers(), List.of(each.candidate)));
            } else {
                waitlist.remove(each.candidate.client());
                refuse(each.address(), each.candidate.call(), full(decided));
            }
        }
    }

    /** Takes from the list those whose registration is in force, and hands each to {@code then}. */
    void takeRegistered(BiConsumer<Waiter<R>, Member> then) {
        StoreRecord effective = record.effective();
        for (Waiter<R> each : waitlist.all()) {
            if (isSeated(effective, each)) {
                waitlist.remove(each.candidate.client());
                then.accept(
                        each,
                        effective.seatOf(each.candidate.client()).orElseThrow().member());
            }
        }
    }

    /** Who is there, while workers wait. */
    Optional<String> explanation(long now) {
        List<Waiter<R>> here = here(now);
        return here.isEmpty()
                ? Optional.empty()
                : Optional.of(here.size() + " of " + here.get(0).workers + " workers are here: " + labels(here));
    }

    void forgive(long millis) {
        waitlist.forgive(millis);
    }

    boolean isIdle() {
        return waitlist.isEmpty();
    }

    private List<Waiter<R>> here(long now) {
        return waitlist.heardSince(now - office.settings().fresh());
    }

    private void open(List<Waiter<R>> here, long now) {
        if (here.isEmpty()) {
            return;
        }
        int workers = here.get(0).workers;
        boolean complete = here.size() == workers;
        boolean goesOn = here.stream()
                .anyMatch(each ->
                        each.returns() && now - each.since >= office.settings().sessionTimeout());
        if (complete || goesOn) {
            record.decide(Seating.seat(
                    record.decided(),
                    workers,
                    here.stream().map(each -> each.candidate).toList()));
        }
    }

    private String refusal(WorkerRequest request, int expected, long now) {
        StoreRecord decided = record.decided();
        if (decided.hasLive()) {
            if (decided.workers() != expected) {
                return "store '" + store + "' is open for " + decided.workers() + " workers: "
                        + Texts.members(decided.live()) + "; given " + expected;
            }
            return Seating.hasPlace(decided, decided.workers(), request.worker()) ? null : full(decided);
        }
        List<Waiter<R>> others = here(now).stream()
                .filter(each -> each.candidate.client() != request.client())
                .toList();
        if (others.isEmpty()) {
            return null;
        }
        int workers = others.get(0).workers;
        if (workers != expected) {
            return "store '" + store + "' is being opened for " + workers + " workers by " + labels(others) + "; given "
                    + expected;
        }
        return others.size() < workers
                ? null
                : "store '" + store + "' has its " + workers + " workers: " + labels(others);
    }

    private String full(StoreRecord decided) {
        return "store '" + store + "' has its " + decided.workers() + " workers: " + Texts.members(decided.live())
                + "; a process that replaces one of them must have its name (kvstore.worker-name)";
    }

    private String labels(List<Waiter<R>> waiters) {
        return waiters.stream().map(Waiter::label).collect(Collectors.joining(", "));
    }

    private boolean isSeated(StoreRecord in, Waiter<R> waiter) {
        return in.seatOf(waiter.candidate.client())
                .filter(seat ->
                        seat.call() == waiter.candidate.call() && seat.member().live())
                .isPresent();
    }

    private void ticket(R to, WorkerRequest request) {
        office.reply(
                to,
                store,
                new WorkerReply.Ticket(request.call(), record.decided().lastIncarnation(), office.addresses()));
    }

    private void refuse(R to, long call, String message) {
        office.reply(to, store, new WorkerReply.Refused(call, Reason.INVALID_CONFIGURATION, Limits.line(message)));
    }

    private void wait(R to, long call, String text) {
        office.reply(to, store, new WorkerReply.Waiting(call, Limits.line(text)));
    }
}
