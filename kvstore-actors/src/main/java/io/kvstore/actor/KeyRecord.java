package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The durable parts of one part of a key: value, optimizer state, version, generation, seats, and what was last done for
 * each worker.
 *
 * <p>Written only by the key actor that holds the lease; it outlives that actor's failures. {@link #info} may be read by
 * any thread.
 */
final class KeyRecord {
    final Part part;
    final Key key;
    final Layout layout;
    final long generation;
    final Shape shape;
    final DType dtype;
    final String device;
    final Decisions decisions = new Decisions();
    /** Workers, with their incarnations, that were told which round is open and have not taken their seats yet. */
    final Map<String, Long> attaching = new TreeMap<>();
    /** Rounds that will be given up, and the workers that were lost before they pushed to them. */
    final SortedMap<Long, String> failing = new TreeMap<>();
    /** The members of the rounds, by rank. */
    List<Seat> seats = List.of();
    /** The init of the worker that is loading the other slices; null once the key has its whole value. */
    Origin loader;

    DenseTensor value;
    /** Which rows of the value may not be zero, if the key is row-sparse; null of a dense key. */
    RowSet rows;

    List<DenseTensor> states = List.of();
    /** The configuration that the states belong to. */
    KeyConfig config;

    /** The head's: the latest sums over the whole key that it has told its slices; null before. */
    PartMail.SumsCombined sums;

    long version;
    /** Updates since the optimizer's state was fresh. */
    long updates;

    private volatile KeyInfo info;
    private volatile Object waitingFor;

    KeyRecord(
            Part part,
            Layout layout,
            long generation,
            DenseTensor value,
            RowSet rows,
            String device,
            KeyConfig config) {
        this.part = part;
        this.key = part.key();
        this.layout = layout;
        this.generation = generation;
        this.shape = value.shape();
        this.dtype = value.dtype();
        this.device = device;
        this.value = value;
        this.rows = rows;
        this.config = config;
        publish();
    }

    /** Makes the present version visible to other threads. */
    void publish() {
        info = new KeyInfo(key, shape, dtype, rows != null, version, generation, device);
    }

    /** Whether the key has its whole value; a head of several slices has not until all are loaded. */
    boolean isPublished() {
        return loader == null;
    }

    /** The part's first element in the whole value. */
    long element() {
        return layout.from(part.slice());
    }

    KeyInfo info() {
        return info;
    }

    /** What requests of this key wait for, in words; null when nothing does. */
    String waitingFor() {
        Object what = waitingFor;
        return what == null ? null : what.toString();
    }

    /** @param what made into words when somebody asks */
    void waitingFor(Object what) {
        waitingFor = what;
    }

    /** Whether the states are what {@code optimizer} goes on from; if not, it starts with fresh ones. */
    boolean hasStatesFor(Optimizer optimizer) {
        return updates > 0 && config.optimizer() != null && config.optimizer().sameStateAs(optimizer);
    }

    /** What the configuration's optimizer remembers of the key, retained for the caller. */
    OptimizerState statesFor(KeyConfig now) {
        StateForm form = now.optimizer().stateForm();
        return hasStatesFor(now.optimizer())
                ? new OptimizerState(
                        form,
                        shape,
                        dtype,
                        updates,
                        states.stream().map(DenseTensor::retain).toList())
                : OptimizerState.fresh(form, shape, dtype);
    }

    /** Goes on from {@code state}, which is released; or says why it cannot, and is as it was. */
    KVStoreException restore(OptimizerState state, KeyConfig now, BufferPool pool) {
        KVStoreException problem = Fit.problem("load", info(), now, state);
        List<DenseTensor> own = new ArrayList<>(state.states().size());
        try {
            for (DenseTensor tensor : problem == null ? state.states() : List.<DenseTensor>of()) {
                own.add(tensor.isExclusive() ? tensor.retain() : pool.copyOf(tensor));
            }
        } catch (OutOfMemoryError e) {
            own.forEach(DenseTensor::release);
            problem = new KVStoreException(Reason.OUT_OF_MEMORY, "not enough memory for the states");
        } finally {
            state.release();
        }
        if (problem == null) {
            releaseStates();
            states = own;
            updates = state.updates();
            config = now;
        }
        return problem;
    }

    void releaseStates() {
        states.forEach(DenseTensor::release);
        states = List.of();
    }

    void release() {
        releaseStates();
        value.release();
    }
}
