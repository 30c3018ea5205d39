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
    }

    private record Waiting<R>(Layout layout, Origin origin, R to) {}

    private final Effects<R> effects;
    private final boolean rounds;
    private final Map<String, Waiting<R>> waiting = new LinkedHashMap<>();
    private Membership membership = Membership.NONE;
    private Origin loader;

    /** @param rounds whether the members get seats */
    Founding(Effects<R> effects, boolean rounds) {
        this.effects = effects;
        this.rounds = rounds;
    }

    void announce(PartCommand.Announce announce, R to) {
        Origin origin = announce.origin();
        KVStoreException standing = standing(origin, announce.epoch());
        KeyRecord record = effects.record();
        if (standing != null) {
            release(announce.value());
            effects.refused(to, standing.reason(), standing.getMessage());
        } else if (record != null && record.published) {
            release(announce.value());
            again(record, announce.layout(), origin, to);
        } else if (record != null && origin.equals(loader)) {
            release(announce.value());
            effects.give(to, record.generation, record.seats);
        } else if (record == null && isGiver(origin)) {
            found(announce, to);
        } else {
            release(announce.value());
            waiting.put(origin.worker(), new Waiting<>(announce.layout(), origin, to));
        }
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
        Origin before = record.inits.get(origin.worker());
        if (before != null && before.incarnation() == origin.incarnation() && before.seq() != origin.seq()) {
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
        record.inits.put(origin.worker(), origin);
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
        record.inits.put(announce.origin().worker(), announce.origin());
        if (announce.layout().slices() == 1) {
            record.published = true;
            effects.published(to, record.generation, 0);
            tellWaiting(record);
        } else {
            loader = announce.origin();
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
        loader = null;
        record.published = true;
        effects.published(to, generation, record.version);
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
        if (loader != null && next.standing(loader.worker(), loader.incarnation()) == Membership.Standing.CLOSED) {
            loader = null;
            KeyRecord record = effects.record();
            if (record != null && !record.published) {
                effects.remove(record);
            }
        }
        if (effects.record() == null && !next.members().isEmpty()) {
            Waiting<R> giver = waiting.remove(next.members().get(0).worker());
            if (giver != null) {
                effects.give(giver.to, 0, List.of());
            }
        }
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
