package io.kvstore.actor;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Reads that came before what they must see: parked until it is there. Not thread-safe. */
final class ParkedReads<R> {
    private record Parked<R>(Reading reading, R to, Runnable answer) {}

    /** Says why a parked read will never be answered. */
    interface Refusal<R> {
        void refuse(R to);
    }

    private final List<Parked<R>> parked = new ArrayList<>();

    /** Whether what the read must see is there. */
    static boolean ready(KeyRecord record, Reading reading) {
        Origin after = reading.after();
        return record.version >= reading.minVersion()
                && (after.worker() == null
                        || after.seq() <= record.decisions.last(after.worker(), after.incarnation()));
    }

    void add(Reading reading, R to, Runnable answer) {
        parked.add(new Parked<>(reading, to, answer));
    }

    /** Whether a read of that kind waits here. */
    boolean holds(Reading reading) {
        return parked.stream().anyMatch(each -> each.reading.equals(reading));
    }

    int size() {
        return parked.size();
    }

    /** Answers those that wait no longer. */
    void advance(KeyRecord record) {
        if (parked.isEmpty()) {
            return;
        }
        List<Parked<R>> ready = new ArrayList<>();
        for (Iterator<Parked<R>> each = parked.iterator(); each.hasNext(); ) {
            Parked<R> next = each.next();
            if (ready(record, next.reading)) {
                each.remove();
                ready.add(next);
            }
        }
        ready.forEach(each -> each.answer.run());
    }

    /** Refuses those of workers that are gone. */
    void drop(Membership membership, Refusal<R> refusal) {
        List<Parked<R>> gone = parked.stream()
                .filter(each -> each.reading.after().worker() != null)
                .filter(each -> membership.standing(
                                each.reading.after().worker(),
                                each.reading.after().incarnation())
                        == Membership.Standing.CLOSED)
                .toList();
        parked.removeAll(gone);
        gone.forEach(each -> refusal.refuse(each.to));
    }

    void dropAll(Refusal<R> refusal) {
        List<Parked<R>> all = List.copyOf(parked);
        parked.clear();
        all.forEach(each -> refusal.refuse(each.to));
    }
}
