package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

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
 * <p>Their order is that of {@link Turns}; {@link Pushes} says which pushes make a commit, {@link Committing} what becomes of
 * it, {@link Reads} which reads must wait.
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

        /** To be answered by exactly one {@link #errandDone} or {@link #errandFailed}, then or later. */
        default void send(Errand errand) {
            throw new IllegalStateException("no device is there for this: " + errand);
        }

        /** Why the key's device cannot read and write that array, or null if it can. The message does not name the key. */
        default KVStoreException problem(DeviceTensor array) {
            return Fit.noGpus();
        }

        /** Adds gradients to a sum, or makes the first; releases what it read, and the old sum if it makes another. */
        DenseTensor fold(KeyRecord record, DenseTensor sum, List<Tensor> gradients);

        /** The store's configuration of that version, or null if it is not known here. */
        KeyConfig config(long version);

        /** A new key's home: the name of the device that will sum its pushes. */
        String place(long bytes);

        /** A deleted key's home is free again. */
        void unplace(KeyRecord record);
    }

    private static final Runnable NOTHING = () -> {};

    private final Part part;
    private final KeyRecords records;
    private final BufferPool pool;
    private final Effects<R> effects;
    private final Committing<R> commits;
    private final Errands<R> errands;
    private final Pushes<R> pushes;
    private final Turns<R> turns;
    private final Reads<R> reads;
    private final Repeats<R> repeats;
    private final Function<DeviceTensor, KVStoreException> onGpu;
    private KeyConfig config;
    private KeyRecord record;

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
        this.effects = effects;
        this.commits = new Committing<>(this, effects);
        this.errands = new Errands<>(this, effects);
        this.onGpu = effects::problem;
        this.turns = new Turns<>(effects, queueLimit, () -> commits.isUnderway() || errands.isUnderway());
        this.reads = new Reads<>(this, effects, queueLimit);
        this.repeats = new Repeats<>(effects, errands, terms == null ? null : Membership.NONE);
        this.pushes = terms != null && terms.inRounds()
                ? new RoundPushes<>(commits, terms, held, (sum, gradients) -> effects.fold(record(), sum, gradients))
                : new SinglePushes<>(commits, terms != null);
    }

    /** Who answers what need not reach the key. */
    Repeats<R> repeats() {
        return repeats;
    }

    Errands<R> errands() {
        return errands;
    }

    /** The rounds of the part. @throws ClassCastException if pushes make no rounds */
    RoundPushes<R> rounds() {
        return (RoundPushes<R>) pushes;
    }

    /** Whether the push is here, and undecided; its outcome goes to {@code to} then. */
    boolean holds(Origin origin, R to) {
        return commits.holds(origin, to) || pushes.holds(origin, to);
    }

    /** The store's workers changed: those that are gone wait for nothing, and are waited for no longer. */
    void membership(Membership next) {
        repeats.membership(next);
        reads.membership(next);
        KeyRecord record = record();
        if (record != null && !isCommitting()) {
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
        return inRounds() && commits.isAwaited(membership());
    }

    /** Looked for again only once it is gone: each request asks for it several times. */
    KeyRecord record() {
        if (record == null || record.isGone()) {
            record = records.find(part);
        }
        return record;
    }

    void init(Tensor value, R to) {
        turns.take(to, () -> startInit(value, to), value::release);
    }

    void push(List<Tensor> gradients, Origin origin, boolean pull, R to) {
        if (inRounds()) {
            startPush(gradients, origin, pull, to); // in the next round, while this one's commit is under way
        } else {
            turns.take(to, () -> startPush(gradients, origin, pull, to), () -> gradients.forEach(Tensor::release));
        }
    }

    void pull(Reading reading, R to) {
        turns.take(to, () -> reads.pull(reading, to), NOTHING);
    }

    /** @param outs checked; written until the request is answered */
    void fill(List<DeviceTensor> outs, Reading reading, R to) {
        turns.take(to, () -> reads.fill(outs, reading, to), NOTHING);
    }

    /** @param ids read until the request is answered */
    void pullRows(long[] ids, Reading reading, R to) {
        turns.take(to, () -> reads.pullRows(ids, reading, to), NOTHING);
    }

    /** Does {@code answer}, in turn and once {@code reading} allows, or refuses. */
    void read(Reading reading, String operation, R to, Runnable answer) {
        turns.take(to, () -> reads.start(reading, operation, to, answer), NOTHING);
    }

    /** Whether such a read waits here. */
    boolean parks(Reading reading) {
        return reads.parks(reading);
    }

    boolean isCommitting() {
        return commits.isUnderway();
    }

    KeyConfig config() {
        return config;
    }

    BufferPool pool() {
        return pool;
    }

    /** Does {@code work} when no commit is under way and all that came before is done. */
    void inTurn(R to, Runnable work, Runnable discard) {
        turns.takeAlways(to, work, discard);
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
        turns.takeAlways(to, () -> startConfigure(next, to), NOTHING);
    }

    /** The store has another configuration, for which nobody awaits an answer; an older one than is known is no news. */
    void configure(KeyConfig next) {
        if (next.version() > config.version()) {
            config = next;
        }
    }

    void snapshot(R to) {
        turns.take(to, () -> startSnapshot(to), NOTHING);
    }

    void restore(OptimizerState state, R to) {
        turns.takeAlways(to, () -> startRestore(state, to), state::release);
    }

    void delete(R to) {
        turns.take(to, () -> startDelete(to), NOTHING);
    }

    /** A commit was carried out. */
    void committed(Commit commit, Commit.Outcome outcome) {
        commits.committed(commit, outcome);
    }

    /** A commit was not carried out, and changed nothing. */
    void commitFailed(Commit commit, Reason reason, String message) {
        commits.failed(commit, reason, message);
    }

    /** An errand is done. */
    void errandDone(Errand errand, List<DenseTensor> tensors) {
        errands.done(errand, tensors);
    }

    /** An errand is not done, and changed nothing. */
    void errandFailed(Errand errand, Reason reason, String message) {
        errands.failed(errand, reason, message);
    }

    /** Refuses all that waits here, because this state will not be used any more. */
    void abandon(Reason reason, String message) {
        commits.abandon(reason, message);
        errands.abandon(reason, message);
        pushes.abandon(reason, message);
        reads.abandon(reason, message);
        turns.abandon(reason, message);
    }

    /** A commit or an errand is over, and who waited was told: lets go on what has waited for it. */
    void advance(KeyRecord record) {
        if (inRounds()) {
            rounds().membership(record, membership()); // who was closed meanwhile
        } else {
            pushes.advance(record);
        }
        reads.advance(record);
        turns.next();
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
        errands.withStates(record, config, to, state -> effects.states(to, config, state));
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
        reads.abandon(Reason.NOT_INITIALIZED, why);
        records.remove(record);
        effects.unplace(record);
        record.release();
    }

    private void startPush(List<Tensor> gradients, Origin origin, boolean pull, R to) {
        KeyRecord record = recordOrRefuse(to, "push");
        if (record == null
                || repeats.staleOrGone(record, "push", origin, to)
                || repeats.decided(record, origin, pull, to)
                || commits.holds(origin, to)) {
            gradients.forEach(Tensor::release);
            return;
        }
        int rank = rank(record, origin, to);
        if (rank < 0) {
            gradients.forEach(Tensor::release);
            return;
        }
        Contribution<R> push = new Contribution<>(origin, rank, pull, to, gradients);
        KVStoreException problem = Fit.problem("push", record.info(), gradients, onGpu);
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
}
