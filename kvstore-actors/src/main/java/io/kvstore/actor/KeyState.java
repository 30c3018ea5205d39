package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayDeque;
import java.util.ArrayList;
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

        void done(R to, long version);

        /** {@code value} is retained for the receiver. */
        void value(R to, long version, DenseTensor value);

        /** {@code state} is retained for the receiver. */
        void states(R to, KeyConfig config, OptimizerState state);

        /** {@code rows} is the receiver's. */
        void rows(R to, long version, RowSparseTensor rows);

        void refused(R to, Reason reason, String message);

        /** To be answered by exactly one {@link #committed} or {@link #commitFailed}, then or later. */
        void commit(Commit commit);

        /** A new key's home: the name of the device that will sum its pushes. */
        String place(long bytes);

        /** A deleted key's home is free again. */
        void unplace(KeyRecord record);
    }

    private record Push<R>(Origin origin, boolean pull, R to) {}

    /** A request that waits for the commit under way; {@code discard} lets go of its tensors. */
    private record Waiting<R>(R to, Runnable start, Runnable discard) {}

    private static final Runnable NOTHING = () -> {};

    private final Key key;
    private final KeyRecords records;
    private final BufferPool pool;
    private final int queueLimit;
    private final Effects<R> effects;
    private final Queue<Waiting<R>> waiting = new ArrayDeque<>();
    private KeyConfig config;
    private Commit underway;
    private Push<R> underwayPush;
    private boolean draining;

    KeyState(Key key, KeyRecords records, BufferPool pool, KeyConfig config, int queueLimit, Effects<R> effects) {
        this.key = key;
        this.records = records;
        this.pool = pool;
        this.config = config;
        this.queueLimit = queueLimit;
        this.effects = effects;
    }

    void init(Tensor value, R to) {
        admit(to, () -> startInit(value, to), value::release);
    }

    void push(List<Tensor> gradients, Origin origin, boolean pull, R to) {
        Push<R> push = new Push<>(origin, pull, to);
        admit(to, () -> startPush(gradients, push), () -> gradients.forEach(Tensor::release));
    }

    void pull(R to) {
        admit(to, () -> startPull(to), NOTHING);
    }

    /** @param ids read until the request is answered */
    void pullRows(long[] ids, R to) {
        admit(to, () -> startPullRows(ids, to), NOTHING);
    }

    void configure(KeyConfig next, R to) {
        admitAlways(to, () -> startConfigure(next, to), NOTHING);
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
        Push<R> push = underwayPush;
        remember(record, push.origin, null);
        finish();
        answer(record, push);
        drain();
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
        Push<R> push = underwayPush;
        remember(commit.record(), push.origin, new KeyReply.Refused(key, 0, reason, message));
        finish();
        effects.refused(push.to, reason, message);
        drain();
    }

    /** Refuses all that waits here, because this state will not be used any more. */
    void abandon(Reason reason, String message) {
        if (underway != null) {
            effects.refused(underwayPush.to, reason, message);
            finish();
        }
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

    private void finish() {
        underway.record().waitingFor(null);
        underway = null;
        underwayPush = null;
    }

    private void startInit(Tensor value, R to) {
        KeyRecord existing = records.find(key);
        if (existing != null) {
            value.release();
            effects.refused(
                    to,
                    Reason.ALREADY_INITIALIZED,
                    "init of a key that exists with shape " + existing.shape + " and type " + existing.dtype
                            + "; push to change it, or delete it first");
            return;
        }
        RowSet rows = value instanceof RowSparseTensor sparse ? RowSet.of(sparse.shape(), sparse.idsInPlace()) : null;
        DenseTensor copy = copyOrRefuse(value, to);
        if (copy == null) {
            return;
        }
        String device = effects.place(copy.bytes());
        KeyRecord record = new KeyRecord(key, records.nextGeneration(), copy, rows, device, config);
        if (!records.add(record)) {
            effects.unplace(record);
            record.release();
            effects.refused(
                    to,
                    Reason.MIXED_KEY_KINDS,
                    "this store holds " + records.kind() + " keys; one store holds keys of one kind only");
            return;
        }
        effects.done(to, 0);
    }

    /** Lets go of {@code value} before anybody is told. */
    private DenseTensor copyOrRefuse(Tensor value, R to) {
        KVStoreException problem;
        try {
            return copyOf(value);
        } catch (KVStoreException e) { // a lent array that was taken back meanwhile, for one
            problem = e;
        } catch (OutOfMemoryError e) {
            problem = new KVStoreException(
                    Reason.OUT_OF_MEMORY,
                    "not enough memory for a value of "
                            + value.shape().length() * value.dtype().bytes() + " bytes");
        } finally {
            value.release();
        }
        effects.refused(to, problem.reason(), problem.getMessage());
        return null;
    }

    private DenseTensor copyOf(Tensor value) {
        if (value instanceof Dense dense) {
            return pool.copyOf(dense);
        }
        if (!(value instanceof RowSparseTensor sparse)) {
            throw new KVStoreException(
                    Reason.STORAGE_MISMATCH, "init expects a dense or row-sparse value, given " + value);
        }
        if (sparse.shape().length() > DenseTensor.MAX_LENGTH) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "init expects at most " + DenseTensor.MAX_LENGTH
                            + " elements, rows that are zero included, given shape " + sparse.shape());
        }
        return pool.denseCopyOf(sparse);
    }

    private void startPull(R to) {
        KeyRecord record = recordOrRefuse(to, "pull");
        if (record != null) {
            effects.value(to, record.version, record.value.retain());
        }
    }

    /** Copies the rows at once: a lease on the value would make the next push copy all of it. */
    private void startPullRows(long[] ids, R to) {
        KeyRecord record = recordOrRefuse(to, "rowSparsePull");
        if (record == null) {
            return;
        }
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
        KeyRecord record = records.find(key);
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
        StateForm form = config.optimizer().stateForm();
        effects.states(
                to,
                config,
                record.hasStatesFor(config.optimizer())
                        ? new OptimizerState(
                                form,
                                record.shape,
                                record.dtype,
                                record.updates,
                                record.states.stream().map(DenseTensor::retain).toList())
                        : OptimizerState.fresh(form, record.shape, record.dtype));
    }

    private void startRestore(OptimizerState state, R to) {
        KeyRecord record = recordOrRefuse(to, "load");
        if (record == null) {
            state.release();
            return;
        }
        KVStoreException problem = Fit.problem("load", record.info(), config, state);
        List<DenseTensor> states = new ArrayList<>(state.states().size());
        try {
            for (DenseTensor tensor : problem == null ? state.states() : List.<DenseTensor>of()) {
                states.add(tensor.isExclusive() ? tensor.retain() : pool.copyOf(tensor));
            }
        } catch (OutOfMemoryError e) {
            states.forEach(DenseTensor::release);
            problem = new KVStoreException(Reason.OUT_OF_MEMORY, "not enough memory for the states");
        } finally {
            state.release();
        }
        if (problem != null) {
            effects.refused(to, problem.reason(), problem.getMessage());
            return;
        }
        record.releaseStates();
        record.states = states;
        record.updates = state.updates();
        record.config = config;
        effects.done(to, record.version);
    }

    private void startDelete(R to) {
        KeyRecord record = recordOrRefuse(to, "delete");
        if (record != null) {
            records.remove(record);
            effects.unplace(record);
            record.release();
            effects.done(to, record.version);
        }
    }

    private void startPush(List<Tensor> gradients, Push<R> push) {
        KeyRecord record = recordOrRefuse(push.to, "push");
        if (record == null || repeated(record, push) || !fits(record, gradients, push)) {
            gradients.forEach(Tensor::release);
            return;
        }
        underway = new Commit(record, record.version + 1, gradients, config);
        underwayPush = push;
        record.waitingFor("version " + underway.version() + " is being committed on " + record.device);
        effects.commit(underway);
    }

    private KeyRecord recordOrRefuse(R to, String operation) {
        KeyRecord record = records.find(key);
        if (record == null) {
            effects.refused(
                    to, Reason.NOT_INITIALIZED, operation + " of a key that was not initialised; init it first");
        }
        return record;
    }

    private void answer(KeyRecord record, Push<R> push) {
        if (push.pull) {
            effects.value(push.to, record.version, record.value.retain());
        } else {
            effects.done(push.to, record.version);
        }
    }

    /** Answers a push that is not its worker's next: a repeat as at first, others with a refusal. */
    private boolean repeated(KeyRecord record, Push<R> push) {
        Origin origin = push.origin;
        if (origin.worker() == null) {
            return false;
        }
        if (origin.generation() != record.generation) {
            effects.refused(
                    push.to,
                    Reason.STALE_GENERATION,
                    "push for generation " + origin.generation() + ", the key is in generation " + record.generation);
            return true;
        }
        KeyRecord.LastPush last = record.lastPushes.get(origin.worker());
        if (last != null && origin.incarnation() < last.incarnation()) {
            effects.refused(
                    push.to,
                    Reason.OUT_OF_ORDER,
                    "push of worker '" + origin.worker() + "' incarnation " + origin.incarnation()
                            + ", which was replaced by incarnation " + last.incarnation());
            return true;
        }
        long decided = last == null || last.incarnation() < origin.incarnation() ? 0 : last.seq();
        if (origin.seq() == decided + 1) {
            return false;
        }
        if (decided > 0 && origin.seq() == decided) {
            if (last.refused() != null) {
                effects.refused(push.to, last.refused().reason(), last.refused().message());
            } else if (push.pull) {
                effects.value(push.to, record.version, record.value.retain());
            } else {
                effects.done(push.to, last.version());
            }
            return true;
        }
        effects.refused(
                push.to,
                Reason.OUT_OF_ORDER,
                "push " + origin.seq() + " of worker '" + origin.worker() + "', expected " + (decided + 1));
        return true;
    }

    private void remember(KeyRecord record, Origin origin, KeyReply.Refused refused) {
        if (origin.worker() != null) {
            record.lastPushes.put(
                    origin.worker(),
                    new KeyRecord.LastPush(origin.incarnation(), origin.seq(), record.version, refused));
        }
    }

    private boolean fits(KeyRecord record, List<Tensor> gradients, Push<R> push) {
        KVStoreException problem = Fit.problem("push", record.info(), gradients);
        if (problem != null) {
            remember(record, push.origin, new KeyReply.Refused(key, 0, problem.reason(), problem.getMessage()));
            effects.refused(push.to, problem.reason(), problem.getMessage());
        }
        return problem == null;
    }
}
