package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;

/**
 * Answers requests that need not reach the key: those of an earlier life of the key or of its worker, and pushes that were
 * decided before. Not thread-safe.
 *
 * @param <R> where a reply goes
 */
final class Repeats<R> {
    private final KeyState.Effects<R> effects;
    private final Errands<R> errands;
    private Membership membership; // null: the store has one worker

    Repeats(KeyState.Effects<R> effects, Errands<R> errands, Membership membership) {
        this.effects = effects;
        this.errands = errands;
        this.membership = membership;
    }

    Membership membership() {
        return membership;
    }

    void membership(Membership next) {
        membership = next;
    }

    /** Whether the request is refused, being of another life of the key or of its worker. */
    boolean staleOrGone(KeyRecord record, String operation, Origin origin, R to) {
        if (origin.worker() == null) {
            return false;
        }
        if (origin.generation() != record.generation) {
            effects.refused(
                    to,
                    Reason.STALE_GENERATION,
                    operation + " for generation " + origin.generation() + ", the key is in generation "
                            + record.generation);
            return true;
        }
        return isGone(origin, to);
    }

    private boolean isGone(Origin origin, R to) {
        if (membership == null) {
            return false;
        }
        switch (membership.standing(origin.worker(), origin.incarnation())) {
            case CLOSED -> {
                KVStoreException why = Founding.fenced(origin);
                effects.refused(to, why.reason(), why.getMessage());
                return true;
            }
            case UNKNOWN -> {
                effects.refused(
                        to,
                        Reason.BUSY,
                        "this server has not heard of incarnation " + origin.incarnation() + " of worker '"
                                + origin.worker() + "' yet; try again");
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    /**
     * The worker's seat; null, after refusing, if it has none. A reader needs one as well: without it, rounds could go on
     * between its reads of one slice and of another.
     */
    Seat seatOrRefuse(KeyRecord record, Origin origin, R to) {
        Seat seat = RoundPushes.seat(record, origin);
        if (seat == null) {
            effects.refused(
                    to,
                    Reason.NOT_JOINED,
                    "worker '" + origin.worker() + "' incarnation " + origin.incarnation()
                            + " has no seat in the rounds of this key");
        }
        return seat;
    }

    /** Tells a push its outcome. */
    void answer(KeyRecord record, long version, KeyReply.Refused refused, boolean pull, R to) {
        if (refused != null) {
            effects.refused(to, refused.reason(), refused.message());
        } else if (pull && record.value != null) {
            effects.value(to, record.version, record.value.retain());
        } else if (pull) {
            errands.withPushedValue(record, to, () -> effects.value(to, record.version, record.value.retain()));
        } else {
            effects.done(to, version);
        }
    }

    /** Answers a push that was decided before: as at first. */
    boolean decided(KeyRecord record, Origin origin, boolean pull, R to) {
        if (origin.worker() == null) {
            return false;
        }
        long latest = record.decisions.incarnation(origin.worker());
        if (origin.incarnation() < latest) {
            effects.refused(
                    to,
                    Reason.OUT_OF_ORDER,
                    "push of worker '" + origin.worker() + "' incarnation " + origin.incarnation()
                            + ", which was replaced by incarnation " + latest);
            return true;
        }
        long last = record.decisions.last(origin.worker(), origin.incarnation());
        if (origin.seq() > last) {
            return false;
        }
        Decisions.Outcome outcome = record.decisions.find(origin);
        if (outcome == null) {
            effects.refused(
                    to,
                    Reason.OUT_OF_ORDER,
                    "push " + origin.seq() + " of worker '" + origin.worker() + "', expected " + (last + 1));
        } else {
            answer(record, outcome.version(), outcome.refused(), pull, to);
        }
        return true;
    }
}
