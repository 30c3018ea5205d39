package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * The logic of one key, without Akka: requests in, effects out; not thread-safe.
 *
 * <p>Requests take effect in the order of their arrival. A push becomes a {@link Commit} that is carried out elsewhere,
 * at once or later; what arrives meanwhile waits, bounded, in order. Nothing visible changes before {@link #committed}.
 *
 * <pre>
 *   push ──► commit effect ──► committed(outcome) ──► value and version published, push answered ──► next in the queue
 *                         └──► commitFailed(reason) ──► nothing changed, push refused ───────────────┘
 * </pre>
 *
 * @param <R> where a reply goes
 */
final class KeyState<R> {

    /** What a key does to the world. */
    interface Effects<R> {
        /** A request that has waited takes effect now. */
        default void turn(R to) {}

        /** A commit that waits for other slices of the key need wait no longer: they are gone. */
        default void lifeIsOver() {}

        /** {@code later} asks for what {@code earlier} asked for, and gets the only answer. */
        default void replaced(R earlier, R later) {}

        void done(R to, long version);

        /** {@code value} is retained for the receiver. */
        void value(R to, long version, DenseTensor value);

        /** An answer that only a cluster's sessions get. */
        void part(R to, PartReply reply);

        /** {@code state} is retained for the receiver. */
        void states(R to, KeyConfig config, OptimizerState state);

        /** {@code rows} is the receiver's. */
        void rows(R to, long version, RowSparseTensor rows);

        void refused(R to, Reason reason, String message);

        /** To be answered by exactly one {@link #committed} or {@link #commitFailed}, then or later. */
        void commit(Commit commit);

        /** Adds gradients to a sum, or makes the first; releases what it read, and the old sum if it makes another. */
        DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients);

        /** The store's configuration of that version, or null if it is not known here. */
        KeyConfig config(long version);

        /** A new key's home: the name of the device that will sum its pushes. */
        String place(long bytes);

        /** A deleted key's home is free again. */
        void unplace(KeyRecord record);
    }

    /** A request that waits for the commit under way; {@code discard} lets go of its tensors. */
    private record Waiting<R>(R to, Runnable start, Runnable discard) {}

    private static final Runnable NOTHING = () -> {};

    private final Part part;
    private final KeyRecords records;
    private final BufferPool pool;
    private final int queueLimit;
    private final Effects<R> effects;
    private final Pushes<R> pushes;
    private final ParkedReads<R> parked = new ParkedReads<>();
    private final Queue<Waiting<R>> waiting = new ArrayDeque<>();
    private final Repeats<R> repeats;
    private KeyConfig config;
    private Commit underway;
    private List<Contribution<R>> contributors = List.of();
    private boolean draining;

    /** A key of a store with one worker. */
    KeyState(Key key, KeyRecords records, BufferPool pool, KeyConfig config, int queueLimit, Effects<R> effects) {
        this(Part.head(key), records, pool, config, queueLimit, effects, null, null);
    }

    /**
     * @param terms how several workers push; null in a store with one
     * @param held the room for contributions that wait for their turn; null without rounds
     */
    KeyState(
            Part part,
            KeyRecords records,
            BufferPool pool,
            KeyConfig config,
            int queueLimit,
            Effects<R> effects,
            RoundTerms terms,
            HeldBytes held) {
        this.part = part;
        this.records = records;
        this.pool = pool;
        this.config = config;
        this.queueLimit = queueLimit;
        this.effects = effects;
        this.repeats = new Repeats<>(effects, terms == null ? null : Membership.NONE);
        this.pushes = terms != null && terms.inRounds()
                ? new RoundPushes<>(host(), terms, held, (sum, gradients) -> effects.fold(record(), sum, gradients))
                : new SinglePushes<>(host(), terms != null);
    }

    /** Who answers what need not reach the key. */
    Repeats<R> repeats() {
        return repeats;
    }

    /** The rounds of the part. @throws ClassCastException if pushes make no rounds */
    RoundPushes<R> rounds() {
        return (RoundPushes<R>) pushes;
    }

    /** Whether the push is here, and undecided; its outcome goes to {@code to} then. */
    boolean holds(Origin origin, R to) {
        return isUnderway(origin, to) || pushes.holds(origin, to);
    }

    private boolean isUnderway(Origin origin, R to) {
        for (Contribution<R> each : contributors) {
            if (each.origin.isSamePush(origin)) {
                effects.replaced(each.to, to);
                each.to = to;
                return true;
            }
        }
        return false;
    }

    /** The store's workers changed: those that are gone wait for nothing, and are waited for no longer. */
    void membership(Membership next) {
        repeats.membership(next);
        parked.drop(next, to -> effects.refused(to, Reason.FENCED, "the worker's incarnation was closed"));
        KeyRecord record = record();
        if (record != null && underway == null) {
            seatsChanged(record);
        }
    }

    /** Rounds wait no longer for those who are gone. */
    void seatsChanged(KeyRecord record) {
        if (inRounds()) {
            rounds().membership(record, membership());
        }
    }

    Membership membership() {
        return repeats.membership();
    }

    /** Whether a worker that is alive waits for the round being committed, and so brings all slices of the key to it. */
    boolean awaited() {
        if (!inRounds()) {
            return false;
        }
        for (Contribution<R> each : contributors) {
            if (membership().standing(each.origin.worker(), each.origin.incarnation()) == Membership.Standing.LIVE) {
                return true;
            }
        }
        return false;
    }

    KeyRecord record() {
        return records.find(part);
    }

    void init(Tensor value, R to) {
        admit(to, () -> startInit(value, to), value::release);
    }

    void push(List<Tensor> gradients, Origin origin, boolean pull, R to) {
        if (inRounds()) {
            startPush(gradients, origin, pull, to); // in the next round, while this one's commit is under way
        } else {
            admit(to, () -> startPush(gradients, origin, pull, to), () -> gradients.forEach(Tensor::release));
        }
    }

    void pull(Reading reading, R to) {
        admit(to, () -> startRead(reading, "pull", to, () -> startPull(to)), NOTHING);
    }

    /** @param ids read until the request is answered */
    void pullRows(long[] ids, Reading reading, R to) {
        admit(to, () -> startRead(reading, "rowSparsePull", to, () -> startPullRows(ids, to)), NOTHING);
    }

    /** Does {@code answer}, in turn and once {@code reading} allows, or refuses. */
    void read(Reading reading, String operation, R to, Runnable answer) {
        admit(to, () -> startRead(reading, operation, to, answer), NOTHING);
    }

    /** Whether such a read waits here. */
    boolean parks(Reading reading) {
        return parked.holds(reading);
    }

    boolean isCommitting() {
        return underway != null;
    }

    KeyConfig config() {
        return config;
    }

    BufferPool pool() {
        return pool;
    }

    /** Does {@code work} when no commit is under way and all that came before is done. */
    void inTurn(R to, Runnable work, Runnable discard) {
        admitAlways(to, work, discard);
    }

    /**
     * Does {@code work}, which is about rounds to come or says what is here, and so need not wait for a commit. It must not:
     * the commit may wait for other slices, and they for the worker that asks.
     */
    void aboutRounds(R to, Runnable work) {
        if (inRounds()) {
            work.run();
        } else {
            inTurn(to, work, NOTHING);
        }
    }

    void configure(KeyConfig next, R to) {
        admitAlways(to, () -> startConfigure(next, to), NOTHING);
    }

    /** The store has another configuration, for which nobody awaits an answer; an older one than is known is no news. */
    void configure(KeyConfig next) {
        if (next.version() > config.version()) {
            config = next;
        }
    }

    void snapshot(R to) {
        admit(to, () -> startSnapshot(to), NOTHING);
    }

    void restore(OptimizerState state, R to) {
        admitAlways(to, () -> startRestore(state, to), state::release);
    }

    void delete(R to) {
        admit(to, () -> startDelete(to), NOTHING);
    }

    /** The commit under way was carried out. A report about any other is ignored: its key was restarted meanwhile. */
    void committed(Commit commit, Commit.Outcome outcome) {
        KeyRecord record = commit.record();
        if (commit != underway) {
            discard(record, outcome);
            return;
        }
        DenseTensor old = record.value;
        record.value = outcome.value();
        record.rows = outcome.rows();
        old.release();
        if (outcome.states() != record.states) {
            record.releaseStates();
            record.states = outcome.states();
        }
        record.updates = outcome.updates();
        record.config = commit.config();
        record.version = commit.version();
        record.publish();
        finish(record);
    }

    /** Nobody will publish it; states that the record still has are the record's. */
    private static void discard(KeyRecord record, Commit.Outcome outcome) {
        outcome.value().release();
        if (outcome.states() != record.states) {
            outcome.states().forEach(DenseTensor::release);
        }
    }

    /** The commit under way was not carried out, and changed nothing. */
    void commitFailed(Commit commit, Reason reason, String message) {
        if (commit != underway) {
            return;
        }
        KeyReply.Refused refused = new KeyReply.Refused(part.key(), 0, reason, message);
        contributors.forEach(each -> each.refused = refused);
        KeyRecord record = commit.record();
        if (inRounds()) { // its round is over, or the slices of the key would drift apart
            record.version = commit.version();
            record.publish();
        }
        finish(record);
    }

    /** Refuses all that waits here, because this state will not be used any more. */
    void abandon(Reason reason, String message) {
        if (underway != null) {
            contributors.forEach(each -> effects.refused(each.to, reason, message));
            contributors = List.of();
            underway.record().waitingFor(null);
            underway = null;
        }
        pushes.abandon(reason, message);
        parked.dropAll(to -> effects.refused(to, reason, message));
        for (Waiting<R> each : waiting) {
            each.discard.run();
            effects.refused(each.to, reason, message);
        }
        waiting.clear();
    }

    private void admit(R to, Runnable start, Runnable discard) {
        if (waiting.size() < queueLimit) {
            admitAlways(to, start, discard);
        } else {
            discard.run();
            effects.refused(
                    to,
                    Reason.BUSY,
                    waiting.size() + " requests already wait at this key; try again, or raise kvstore.key-queue-limit ("
                            + queueLimit + ")");
        }
    }

    /** For what all keys of a store must get: one key that is BUSY would be left out. */
    private void admitAlways(R to, Runnable start, Runnable discard) {
        if (underway == null && waiting.isEmpty()) {
            start.run();
        } else {
            waiting.add(new Waiting<>(to, start, discard));
        }
    }

    private void drain() {
        if (draining) {
            return; // a commit that is carried out at once reports from within the loop below
        }
        draining = true;
        try {
            while (underway == null && !waiting.isEmpty()) {
                Waiting<R> next = waiting.remove();
                effects.turn(next.to);
                next.start.run();
            }
        } finally {
            draining = false;
        }
    }

    /** The commit is over: tells every contributor, then whoever waited for it. */
    private void finish(KeyRecord record) {
        List<Contribution<R>> told = contributors;
        record.waitingFor(null);
        underway = null;
        contributors = List.of();
        tell(record, told);
        if (inRounds()) {
            rounds().membership(record, membership()); // who was closed meanwhile
        } else {
            pushes.advance(record);
        }
        parked.advance(record);
        drain();
    }

    private void tell(KeyRecord record, List<Contribution<R>> contributors) {
        for (Contribution<R> each : contributors) {
            record.decisions.note(each.origin, record.version, each.refused);
        }
        for (Contribution<R> each : contributors) {
            repeats.answer(record, record.version, each.refused, each.pull, each.to);
        }
    }

    private void startInit(Tensor value, R to) {
        KeyRecord existing = record();
        if (existing != null) {
            value.release();
            effects.refused(
                    to,
                    Reason.ALREADY_INITIALIZED,
                    "init of a key that exists with shape " + existing.shape + " and type " + existing.dtype
                            + "; push to change it, or delete it first");
            return;
        }
        Layout layout = Layout.whole(value.shape(), value.dtype(), value instanceof RowSparseTensor);
        if (create(layout, value, records.nextGeneration(), to) != null) {
            effects.done(to, 0);
        }
    }

    /** A new record with a copy of {@code value}, which is released; or null, after refusing. */
    KeyRecord create(Layout layout, Tensor value, long generation, R to) {
        RowSet rows = FirstValue.rows(layout, value);
        DenseTensor copy;
        try {
            copy = FirstValue.copyOf(value, pool);
        } catch (KVStoreException e) {
            effects.refused(to, e.reason(), e.getMessage());
            return null;
        }
        String device = effects.place(copy.bytes());
        KeyRecord record = new KeyRecord(part, layout, generation, copy, rows, device, config);
        if (!records.add(record)) {
            effects.unplace(record);
            record.release();
            effects.refused(
                    to,
                    Reason.MIXED_KEY_KINDS,
                    "this store holds " + records.kind() + " keys; one store holds keys of one kind only");
            return null;
        }
        return record;
    }

    /** Answers at once, or once what the reader must see is there. */
    private void startRead(Reading reading, String operation, R to, Runnable answer) {
        KeyRecord record = recordOrRefuse(to, operation);
        Origin reader = reading.after();
        if (record == null
                || repeats.staleOrGone(record, operation, reader, to)
                || reader.worker() != null && inRounds() && repeats.seatOrRefuse(record, reader, to) == null) {
            return;
        }
        if (ParkedReads.ready(record, reading)) {
            answer.run();
        } else if (parked.size() < queueLimit) {
            parked.add(reading, to, answer);
        } else {
            effects.refused(to, Reason.BUSY, parked.size() + " pulls wait here for a later version; try again");
        }
    }

    private void startPull(R to) {
        KeyRecord record = record();
        effects.value(to, record.version, record.value.retain());
    }

    /** Copies the rows at once: a lease on the value would make the next push copy all of it. */
    private void startPullRows(long[] ids, R to) {
        KeyRecord record = record();
        KVStoreException problem = Fit.problem("rowSparsePull", record.info(), ids);
        if (problem != null) {
            effects.refused(to, problem.reason(), problem.getMessage());
            return;
        }
        RowSparseTensor rows;
        try {
            rows = RowSparseTensor.gather(record.value, ids);
        } catch (OutOfMemoryError e) {
            effects.refused(to, Reason.OUT_OF_MEMORY, "not enough memory for a copy of " + ids.length + " rows");
            return;
        }
        effects.rows(to, record.version, rows);
    }

    private void startConfigure(KeyConfig next, R to) {
        config = next;
        KeyRecord record = record();
        effects.done(to, record == null ? 0 : record.version);
    }

    private void startSnapshot(R to) {
        KeyRecord record = recordOrRefuse(to, "save");
        if (record == null) {
            return;
        }
        KVStoreException problem = Fit.stateless("save", config);
        if (problem != null) {
            effects.refused(to, problem.reason(), problem.getMessage());
            return;
        }
        effects.states(to, config, record.statesFor(config));
    }

    private void startRestore(OptimizerState state, R to) {
        KeyRecord record = recordOrRefuse(to, "load");
        if (record == null) {
            state.release();
        } else {
            restore(record, state, to);
        }
    }

    /** Goes on from {@code state}, which is released, and answers; false if it was refused. */
    boolean restore(KeyRecord record, OptimizerState state, R to) {
        KVStoreException problem = record.restore(state, config, pool);
        if (problem != null) {
            effects.refused(to, problem.reason(), problem.getMessage());
            return false;
        }
        effects.done(to, record.version);
        return true;
    }

    private void startDelete(R to) {
        KeyRecord record = recordOrRefuse(to, "delete");
        if (record != null) {
            remove(record);
            effects.done(to, record.version);
        }
    }

    void remove(KeyRecord record) {
        String why = "the key was deleted";
        pushes.abandon(Reason.NOT_INITIALIZED, why);
        parked.dropAll(to -> effects.refused(to, Reason.NOT_INITIALIZED, why));
        records.remove(record);
        effects.unplace(record);
        record.release();
    }

    private void startPush(List<Tensor> gradients, Origin origin, boolean pull, R to) {
        KeyRecord record = recordOrRefuse(to, "push");
        if (record == null
                || repeats.staleOrGone(record, "push", origin, to)
                || repeats.decided(record, origin, pull, to)
                || isUnderway(origin, to)) {
            gradients.forEach(Tensor::release);
            return;
        }
        int rank = rank(record, origin, to);
        if (rank < 0) {
            gradients.forEach(Tensor::release);
            return;
        }
        Contribution<R> push = new Contribution<>(origin, rank, pull, to, gradients);
        KVStoreException problem = Fit.problem("push", record.info(), gradients);
        if (problem == null) {
            pushes.push(record, push);
        } else {
            push.release();
            pushes.pushUnfit(record, push, problem.reason(), problem.getMessage());
        }
    }

    /** The place of the worker's contributions in the order of additions; -1, after refusing, if it has none. */
    private int rank(KeyRecord record, Origin origin, R to) {
        if (!inRounds()) {
            return 0;
        }
        if (origin.worker() == null) {
            effects.refused(
                    to,
                    Reason.INVALID_ARGUMENT,
                    "a push without an origin belongs to no round; a store of type dist_sync takes pushes from its"
                            + " workers only");
            return -1;
        }
        Seat seat = repeats.seatOrRefuse(record, origin, to);
        return seat == null ? -1 : seat.rank();
    }

    boolean inRounds() {
        return pushes instanceof RoundPushes;
    }

    KeyRecord recordOrRefuse(R to, String operation) {
        KeyRecord record = record();
        if (record == null || !record.isPublished()) {
            effects.refused(
                    to,
                    Reason.NOT_INITIALIZED,
                    operation + " of a key that "
                            + (record == null ? "was not initialised; init it first" : "is being initialised"));
            return null;
        }
        return record;
    }

    private Pushes.Host<R> host() {
        return new Pushes.Host<>() {
            @Override
            public void commit(
                    KeyRecord record, List<Tensor> gradients, List<Contribution<R>> by, KeyConfig commitConfig) {
                underway = new Commit(record, record.version + 1, gradients, commitConfig);
                contributors = by;
                record.waitingFor("version " + underway.version() + " is being committed on " + record.device);
                effects.commit(underway);
            }

            @Override
            public long closing(KeyRecord record) {
                return underway == null ? record.version : underway.version();
            }

            @Override
            public void closeUnchanged(KeyRecord record, List<Contribution<R>> by) {
                record.version++;
                record.publish();
                contributors = by;
                finish(record);
            }

            @Override
            public void refuse(KeyRecord record, Origin origin, R to, Reason reason, String message) {
                record.decisions.note(origin, record.version, new KeyReply.Refused(part.key(), 0, reason, message));
                effects.refused(to, reason, message);
            }

            @Override
            public void refuseForNow(R to, Reason reason, String message) {
                effects.refused(to, reason, message);
            }

            @Override
            public void replaced(R earlier, R later) {
                effects.replaced(earlier, later);
            }

            @Override
            public KeyConfig config(long version) {
                if (inRounds()) {
                    return effects.config(version); // that very one, so that all slices switch in the same round
                }
                return version <= config.version() ? config : effects.config(version);
            }
        };
    }
}
