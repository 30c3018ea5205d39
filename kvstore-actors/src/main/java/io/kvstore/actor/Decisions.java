package io.kvstore.actor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/**
 * What became of each worker's pushes to one key: the last few of its latest incarnation, so that a repeat gets the first
 * answer. A session has at most two pushes without an outcome, so {@value #KEPT} are enough.
 */
final class Decisions {
    static final int KEPT = 4;

    /**
     * @param version that the push made, or 0
     * @param refused why it was refused, or null if it was applied
     */
    record Outcome(long seq, long version, KeyReply.Refused refused) {}

    private static final class Record {
        long incarnation;
        long last;
        final Deque<Outcome> outcomes = new ArrayDeque<>(KEPT);
    }

    private final Map<String, Record> workers = new HashMap<>();

    /** The latest incarnation of which a push was decided, or 0. */
    long incarnation(String worker) {
        Record record = workers.get(worker);
        return record == null ? 0 : record.incarnation;
    }

    /** The seq of the incarnation's last push that was decided, or 0. */
    long last(String worker, long incarnation) {
        Record record = workers.get(worker);
        return record == null || record.incarnation != incarnation ? 0 : record.last;
    }

    /** The outcome of a push that was decided, or null if it was not or is no longer known. */
    Outcome find(Origin origin) {
        Record record = workers.get(origin.worker());
        if (record == null || record.incarnation != origin.incarnation()) {
            return null;
        }
        for (Outcome outcome : record.outcomes) {
            if (outcome.seq == origin.seq()) {
                return outcome;
            }
        }
        return null;
    }

    /** Notes the outcome of a push; nothing is noted of one without an origin. */
    void note(Origin origin, long version, KeyReply.Refused refused) {
        if (origin.worker() == null) {
            return;
        }
        Record record = workers.computeIfAbsent(origin.worker(), worker -> new Record());
        if (record.incarnation != origin.incarnation()) {
            record.incarnation = origin.incarnation();
            record.outcomes.clear();
        }
        record.last = origin.seq();
        if (record.outcomes.size() == KEPT) {
            record.outcomes.remove();
        }
        record.outcomes.add(new Outcome(origin.seq(), version, refused));
    }
}
