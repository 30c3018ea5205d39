package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The pushes of all workers together make a version: a round is complete when every worker with a seat in it has
 * contributed. A worker may be one round ahead.
 *
 * <pre>
 *   push ──► round open  ──► all seats there ──► commit: version = round ──► the next round is open
 *        └─► round after it, held
 * </pre>
 *
 * <p>A refused push counts as an empty contribution, so that the slices of a key never drift apart. A worker that is lost
 * leaves its seat, and the round closes with those who are left. If it is to be given up instead, it still waits for their
 * contributions, and drops them: no version is ever made without every worker that has a seat.
 */
final class RoundPushes<R> implements Pushes<R> {
    private final Host<R> host;
    private final RoundTerms terms;
    private final HeldBytes budget;
    private final Round.Folding folding;
    private Round<R> open;
    private Round<R> ahead;

    RoundPushes(Host<R> host, RoundTerms terms, HeldBytes budget, Round.Folding folding) {
        this.host = host;
        this.terms = terms;
        this.budget = budget;
        this.folding = folding;
        this.open = new Round<>(budget, terms.byRank());
        this.ahead = new Round<>(budget, terms.byRank());
    }

    @Override
    public void pushUnfit(KeyRecord record, Contribution<R> push, Reason reason, String message) {
        push.refused = new KeyReply.Refused(record.key, 0, reason, message);
        push(record, push);
    }

    @Override
    public void push(KeyRecord record, Contribution<R> push) {
        if (host.config(push.origin.config()) == null) {
            push.release();
            host.refuseForNow(push.to, Reason.BUSY, "configuration " + push.origin.config() + " is not here yet");
            return;
        }
        Round<R> round = roundOf(record, push);
        if (round == null) {
            push.release();
            return;
        }
        Contribution<R> before = round.of(push.origin.worker());
        if (before != null) {
            host.replaced(before.to, push.to); // a repeat: its outcome goes to the later of the two
            before.to = push.to;
            push.release();
            return;
        }
        boolean itsTurn = round == open && (!terms.byRank() || isTurn(record, push));
        if (!round.add(push, itsTurn)) {
            push.release();
            host.refuseForNow(
                    push.to,
                    Reason.BUSY,
                    "contributions of " + budget.bytes() + " bytes wait here for their turn, which is the limit");
            return;
        }
        advance(record);
    }

    /** The round that a push belongs to; null, after refusing it for now, if it is none that is open here. */
    private Round<R> roundOf(KeyRecord record, Contribution<R> push) {
        Seat seat = seat(record, push.origin);
        long number = seat.firstRound() + push.origin.seq() - 1;
        long now = open(record);
        if (number == now) {
            return open;
        }
        if (number == now + 1 && open.of(push.origin.worker()) != null) {
            return ahead;
        }
        host.refuseForNow(
                push.to,
                Reason.OUT_OF_ORDER,
                "push " + push.origin.seq() + " of worker '" + push.origin.worker() + "' is for round " + number
                        + ", open is round " + now);
        return null;
    }

    /** The round that is open; the one before may be being committed. */
    private long open(KeyRecord record) {
        return host.closing(record) + 1;
    }

    /** The worker's seat, or null if it has none. */
    static Seat seat(KeyRecord record, Origin origin) {
        for (Seat seat : record.seats) {
            if (seat.worker().equals(origin.worker()) && seat.incarnation() == origin.incarnation()) {
                return seat;
            }
        }
        return null;
    }

    private boolean isTurn(KeyRecord record, Contribution<R> push) {
        for (Seat seat : record.seats) {
            if (seat.rank() >= push.rank) {
                return true;
            }
            if (isMissing(record, seat)) {
                return false;
            }
        }
        return true;
    }

    private boolean isMissing(KeyRecord record, Seat seat) {
        return seat.firstRound() <= open(record) && open.of(seat.worker()) == null;
    }

    /** Those that the open round waits for, by rank. */
    private List<Seat> missing(KeyRecord record) {
        List<Seat> missing = new ArrayList<>(record.seats.size());
        for (Seat seat : record.seats) {
            if (isMissing(record, seat)) {
                missing.add(seat);
            }
        }
        return missing;
    }

    @Override
    public boolean holds(Origin origin, R to) {
        for (Round<R> round : List.of(open, ahead)) {
            Contribution<R> held = round.of(origin.worker());
            if (held != null
                    && held.origin.seq() == origin.seq()
                    && held.origin.incarnation() == origin.incarnation()) {
                host.replaced(held.to, to);
                held.to = to;
                return true;
            }
        }
        return false;
    }

    @Override
    public void advance(KeyRecord record) {
        List<Seat> missing = missing(record);
        open.fold(missing, folding);
        if (host.closing(record) > record.version) {
            return; // one at a time
        }
        boolean complete = missing.isEmpty() && record.attaching.isEmpty();
        if (complete && (!open.isEmpty() || isNobodys(record))) {
            record.waitingFor(null);
            close(record);
        } else {
            record.waitingFor(
                    open.isEmpty()
                            ? null
                            : new Wait(record.version + 1, missing, List.copyOf(record.attaching.keySet())));
        }
    }

    /**
     * Whether all who have seats have them in later rounds only. All who were in this one are gone, and what they did in it
     * reached other parts of the key but not this one: without them it has to be closed empty, or it would be open for ever.
     */
    private static boolean isNobodys(KeyRecord record) {
        return !record.seats.isEmpty()
                && record.seats.stream().allMatch(seat -> seat.firstRound() > record.version + 1);
    }

    private void close(KeyRecord record) {
        Round<R> complete = open;
        open = ahead;
        ahead = new Round<>(budget, terms.byRank());
        List<Contribution<R>> contributors = complete.inOrder();
        KVStoreException failure = failure(record, complete);
        if (failure != null) {
            contributors.forEach(
                    each -> each.refused = new KeyReply.Refused(record.key, 0, failure.reason(), failure.getMessage()));
        }
        List<Contribution<R>> full =
                contributors.stream().filter(each -> each.refused == null).toList();
        if (full.isEmpty()) {
            complete.release();
            host.closeUnchanged(record, contributors);
            return;
        }
        long config = contributors.stream()
                .mapToLong(each -> each.origin.config())
                .max()
                .orElse(0);
        host.commit(record, complete.takeGradients(), contributors, host.config(config));
    }

    /** Why none of the round's contributions counts, or null. */
    private KVStoreException failure(KeyRecord record, Round<R> round) {
        String lost = record.failing.remove(record.version + 1);
        if (lost == null) {
            return round.failure();
        }
        return new KVStoreException(
                Reason.ROUND_FAILED,
                "round " + (record.version + 1) + " was given up because worker " + lost
                        + " was lost before it pushed; no contribution to it was applied");
    }

    /** What a round waits for: contributions, and if there are all, workers that attach. In words when somebody asks. */
    private record Wait(long round, List<Seat> missing, List<String> attaching) {
        @Override
        public String toString() {
            if (missing.isEmpty()) {
                return "round " + round + " waits for worker " + attaching + " to join";
            }
            return "round " + round + " waits for "
                    + missing.stream()
                            .map(seat -> "worker '" + seat.worker() + "' (rank " + seat.rank() + ")")
                            .collect(Collectors.joining(", "));
        }
    }

    /**
     * A worker without a seat asks for one; no round closes until it has joined. Returns the first round that it can take
     * part in: the open one, unless its earlier incarnation has contributed to that, or it will be given up.
     */
    long attach(KeyRecord record, Origin origin) {
        Seat seat = seat(record, origin);
        if (seat != null) {
            return seat.firstRound();
        }
        record.attaching.put(origin.worker(), origin.incarnation());
        long first = firstWithout(record, origin.worker());
        while (record.failing.containsKey(first)) {
            first++;
        }
        return first;
    }

    /** The first round that has no contribution of the worker. */
    private long firstWithout(KeyRecord record, String worker) {
        long now = open(record);
        if (open.of(worker) == null) {
            return now;
        }
        return ahead.of(worker) == null ? now + 1 : now + 2;
    }

    /** The worker takes its seat; again changes nothing. */
    void join(KeyRecord record, Origin origin, int rank, long firstRound) {
        record.attaching.remove(origin.worker());
        if (seat(record, origin) == null) {
            List<Seat> seats = new ArrayList<>(record.seats);
            seats.removeIf(seat -> seat.worker().equals(origin.worker()));
            seats.add(new Seat(origin.worker(), origin.incarnation(), rank, firstRound));
            seats.sort((a, b) -> Integer.compare(a.rank(), b.rank()));
            record.seats = List.copyOf(seats);
        }
        advance(record);
    }

    /** Workers that are closed leave their seats; what they had delivered still counts. */
    void membership(KeyRecord record, Membership membership) {
        record.attaching
                .entrySet()
                .removeIf(each -> membership.standing(each.getKey(), each.getValue()) == Membership.Standing.CLOSED);
        List<Seat> gone = record.seats.stream()
                .filter(seat -> membership.standing(seat.worker(), seat.incarnation()) == Membership.Standing.CLOSED)
                .toList();
        if (gone.isEmpty()) {
            advance(record);
            return;
        }
        if (terms.failRounds()) {
            gone.stream()
                    .filter(seat -> !membership.left().contains(seat.incarnation()))
                    .forEach(seat -> record.failing.merge(
                            Math.max(seat.firstRound(), firstWithout(record, seat.worker())),
                            "'" + seat.worker() + "'",
                            (a, b) -> a + ", " + b));
        }
        record.seats =
                record.seats.stream().filter(seat -> !gone.contains(seat)).toList();
        advance(record);
    }

    @Override
    public void abandon(Reason reason, String message) {
        for (Round<R> round : List.of(open, ahead)) {
            round.inOrder().forEach(each -> host.refuseForNow(each.to, reason, message));
            round.release();
        }
        open = new Round<>(budget, terms.byRank());
        ahead = new Round<>(budget, terms.byRank());
    }
}
