package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a key comes into being when several workers initialise it, as its head sees it; without Akka, not thread-safe.
 *
 * <p>Every member announces the key; the value is that of the lowest live rank, and the others wait for it. If that worker
 * is lost before its value is complete, the next one is asked.
 *
 * <pre>
 *   nothing ──► Announce(value) of the lowest rank ──► one slice: published
 *                                                  └─► several: loading ──► Publish ──► published
 *                                                              └── loader lost ──► nothing, the next lowest is asked
 * </pre>
 *
 * @param <R> where a reply goes
 */
final class Founding<R> {

    /** What founding does to the part. */
    interface Effects<R> {
        /** The record, or null. */
        KeyRecord record();

        /** Makes the record; null, after refusing, if that fails. The value is released. */
        KeyRecord create(Layout layout, Tensor value, List<Seat> seats, R to);

        /** Removes the record. */
        void remove(KeyRecord record);

        void published(R to, long generation, long version);

        void give(R to, long generation, List<Seat> seats);

        void refused(R to, Reason reason, String message);

        /** {@code later} asks for what {@code earlier} asked for, and gets the only answer. */
        void replaced(R earlier, R later);
    }

    private record Waiting<R>(Layout layout, Origin origin, R to) {}

    private final Effects<R> effects;
    private final PastLives past;
    private final boolean rounds;
    private final Map<String, Waiting<R>> waiting = new LinkedHashMap<>();
    private Membership membership = Membership.NONE;

    /** @param rounds whether the members get seats */
    Founding(Effects<R> effects, PastLives past, boolean rounds) {
        this.effects = effects;
        this.past = past;
        this.rounds = rounds;
    }

    void announce(PartCommand.Announce announce, R to) {
        KVStoreException problem = problem(announce.origin(), announce.epoch());
        if (problem == null) {
            take(announce, to);
        } else {
            release(announce.value());
            effects.refused(to, problem.reason(), problem.getMessage());
        }
    }

    private void take(PartCommand.Announce announce, R to) {
        Origin origin = announce.origin();
        KeyRecord record = effects.record();
        if (record != null && (record.generation <= origin.generation() || isGivenUp(record, origin))) {
            effects.remove(record);
            record = null;
        }
        past.end(origin.generation());
        if (record != null && record.isPublished()) {
            release(announce.value());
            again(record, announce.layout(), origin, to);
            return;
        }
        past.came(origin);
        if (record == null && isGiver(origin)) {
            found(announce, to);
        } else if (record != null && isSameInit(record.loader, origin)) {
            release(announce.value());
            effects.give(to, record.generation, record.seats);
        } else {
            release(announce.value());
            Waiting<R> before = waiting.put(origin.worker(), new Waiting<>(announce.layout(), origin, to));
            if (before != null) {
                effects.replaced(before.to, to);
            }
        }
    }

    /** Whether the worker that was loading the key has begun anew. */
    private static boolean isGivenUp(KeyRecord record, Origin origin) {
        return !record.isPublished()
                && record.loader.worker().equals(origin.worker())
                && !isSameInit(record.loader, origin);
    }

    private static boolean isSameInit(Origin a, Origin b) {
        return a.worker().equals(b.worker()) && a.incarnation() == b.incarnation() && a.seq() == b.seq();
    }

    /** Why an init is not taken at all, or null. */
    private KVStoreException problem(Origin origin, long epoch) {
        KVStoreException standing = standing(origin, epoch);
        if (standing != null) {
            return standing;
        }
        if (past.isOvertaken(origin)) {
            return new KVStoreException(
                    Reason.OUT_OF_ORDER,
                    "init " + origin.seq() + " of worker '" + origin.worker() + "' comes too late");
        }
        if (effects.record() == null && past.wasAnswered(origin)) {
            return new KVStoreException(
                    Reason.NOT_INITIALIZED, "the key that this init made was deleted meanwhile; init it again");
        }
        return null;
    }

    private KVStoreException standing(Origin origin, long epoch) {
        switch (membership.standing(origin.worker(), origin.incarnation())) {
            case CLOSED:
                return fenced(origin);
            case UNKNOWN:
                return new KVStoreException(
                        Reason.BUSY, "this server has not heard of worker '" + origin.worker() + "' yet; try again");
            default:
                return membership.epoch() < epoch
                        ? new KVStoreException(
                                Reason.BUSY,
                                "this server knows membership " + membership.epoch() + ", not yet " + epoch
                                        + "; try again")
                        : null;
        }
    }

    static KVStoreException fenced(Origin origin) {
        return new KVStoreException(
                Reason.FENCED,
                "incarnation " + origin.incarnation() + " of worker '" + origin.worker() + "' was closed");
    }

    /** An init of a key that has its value: a repeat, a worker that comes later, or an error. */
    private void again(KeyRecord record, Layout layout, Origin origin, R to) {
        if (past.isSecond(origin, record.generation)) {
            effects.refused(
                    to,
                    Reason.ALREADY_INITIALIZED,
                    "init of a key that exists with shape " + record.layout.shape() + " and type " + record.dtype
                            + "; push to change it, or delete it first");
            return;
        }
        KVStoreException problem = mismatch(record.layout, layout);
        if (problem != null) {
            effects.refused(to, problem.reason(), problem.getMessage());
            return;
        }
        if (!past.wasAnswered(origin)) { // a late repeat is no init of this life
            past.answered(origin, record.generation);
        }
        effects.published(to, record.generation, record.version);
    }

    private boolean isGiver(Origin origin) {
        return !membership.members().isEmpty()
                && membership.members().get(0).worker().equals(origin.worker());
    }

    private void found(PartCommand.Announce announce, R to) {
        if (announce.value() == null) {
            effects.give(to, 0, List.of());
            return;
        }
        List<Seat> seats = rounds
                ? membership.members().stream()
                        .map(member -> new Seat(member.worker(), member.incarnation(), member.rank(), 1))
                        .toList()
                : List.of();
        KeyRecord record = effects.create(announce.layout(), announce.value(), seats, to);
        if (record == null) {
            return;
        }
        record.loader = announce.origin();
        if (announce.layout().slices() == 1) {
            publish(record, to);
        } else {
            effects.give(to, record.generation, record.seats);
        }
    }

    void publish(long generation, R to) {
        KeyRecord record = effects.record();
        if (record == null || record.generation != generation) {
            effects.refused(
                    to,
                    Reason.STALE_GENERATION,
                    "publish of generation " + generation + ", the key is "
                            + (record == null ? "not there" : "in generation " + record.generation));
            return;
        }
        publish(record, to);
    }

    private void publish(KeyRecord record, R to) {
        if (!record.isPublished()) {
            past.answered(record.loader, record.generation);
            record.loader = null;
        }
        effects.published(to, record.generation, record.version);
        tellWaiting(record);
    }

    private void tellWaiting(KeyRecord record) {
        List<Waiting<R>> all = List.copyOf(waiting.values());
        waiting.clear();
        all.forEach(each -> again(record, each.layout, each.origin, each.to));
    }

    /** The membership changed: who was lost waits no longer, and another may have to give the value. */
    void membership(Membership next) {
        membership = next;
        for (Waiting<R> each : List.copyOf(waiting.values())) {
            if (next.standing(each.origin.worker(), each.origin.incarnation()) == Membership.Standing.CLOSED) {
                waiting.remove(each.origin.worker());
                KVStoreException why = fenced(each.origin);
                effects.refused(each.to, why.reason(), why.getMessage());
            }
        }
        KeyRecord record = effects.record();
        if (record != null
                && !record.isPublished()
                && next.standing(record.loader.worker(), record.loader.incarnation()) == Membership.Standing.CLOSED) {
            effects.remove(record);
        }
        if (effects.record() == null && !next.members().isEmpty()) {
            Waiting<R> giver = waiting.remove(next.members().get(0).worker());
            if (giver != null) {
                effects.give(giver.to, 0, List.of());
            }
        }
    }

    boolean isAwaited() {
        return !waiting.isEmpty();
    }

    /** Refuses all who wait. */
    void abandon(Reason reason, String message) {
        waiting.values().forEach(each -> effects.refused(each.to, reason, message));
        waiting.clear();
    }

    /** Why a value of layout {@code given} is not that of a key of layout {@code expected}, or null. */
    static KVStoreException mismatch(Layout expected, Layout given) {
        if (!expected.shape().equals(given.shape())) {
            return new KVStoreException(
                    Reason.SHAPE_MISMATCH,
                    "init expects shape " + expected.shape() + ", which another worker gave, given " + given.shape());
        }
        if (expected.dtype() != given.dtype()) {
            return new KVStoreException(
                    Reason.DTYPE_MISMATCH,
                    "init expects type " + expected.dtype() + ", which another worker gave, given " + given.dtype());
        }
        if (expected.rowSparse() != given.rowSparse()) {
            return new KVStoreException(
                    Reason.STORAGE_MISMATCH,
                    "init expects a " + (expected.rowSparse() ? "row-sparse" : "dense")
                            + " value, as another worker gave, given the other kind");
        }
        if (expected.sliceElements() != given.sliceElements()) {
            return new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "init expects slices of " + expected.sliceElements() + " elements, given " + given.sliceElements()
                            + "; kvstore.slice-bytes must be equal on all nodes");
        }
        return null;
    }

    private static void release(Tensor value) {
        if (value != null) {
            value.release();
        }
    }
}
