package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
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

    /** Null while only the device has the present version. */
    DenseTensor value;
    /** The value on its device; null while only the host has the present version. */
    OnDevice deviceValue;
    /** Which rows of the value may not be zero, if the key is row-sparse; null of a dense key. */
    RowSet rows;

    /** Empty while the device has them. */
    List<DenseTensor> states = List.of();
    /** The states on their device, or null. */
    OnDevice deviceStates;
    /** The configuration that the states belong to. */
    KeyConfig config;

    /** The head's: the latest sums over the whole key that it has told its slices; null before. */
    PartMail.SumsCombined sums;

    long version;
    /** Updates since the optimizer's state was fresh. */
    long updates;

    private volatile KeyInfo info;
    private volatile Object waitingFor;
    private volatile boolean gone;

    KeyRecord(
            Part part,
            Layout layout,
            long generation,
            DenseTensor value,
            RowSet rows,
            String device,
            KeyConfig config) {
        this(part, layout, generation, value.shape(), value.dtype(), value, rows, device, config);
    }

    private KeyRecord(
            Part part,
            Layout layout,
            long generation,
            Shape shape,
            DType dtype,
            DenseTensor value,
            RowSet rows,
            String device,
            KeyConfig config) {
        this.part = part;
        this.key = part.key();
        this.layout = layout;
        this.generation = generation;
        this.shape = shape;
        this.dtype = dtype;
        this.device = device;
        this.value = value;
        this.rows = rows;
        this.config = config;
        publish();
    }

    /** What a commit reads of this record, had the host these tensors; nobody else sees it, and it owns nothing. */
    KeyRecord with(DenseTensor hostValue, List<DenseTensor> hostStates) {
        KeyRecord copy = new KeyRecord(part, layout, generation, shape, dtype, hostValue, rows, device, config);
        copy.states = hostStates;
        copy.version = version;
        copy.updates = updates;
        return copy;
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

    /** Whether it was removed from the store's records, or another has taken its place. */
    boolean isGone() {
        return gone;
    }

    void gone() {
        gone = true;
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

    /** What the configuration's optimizer remembers of the key, retained for the caller; the host has it. */
    OptimizerState statesFor(KeyConfig now) {
        return hasStatesFor(now.optimizer())
                ? stateOf(now, states.stream().map(DenseTensor::retain).toList())
                : OptimizerState.fresh(now.optimizer().stateForm(), shape, dtype);
    }

    /** These states as those of the key's latest update. */
    OptimizerState stateOf(KeyConfig now, List<DenseTensor> copies) {
        return new OptimizerState(now.optimizer().stateForm(), shape, dtype, updates, copies);
    }

    /** What a commit has made takes the place of what was here. */
    void take(Commit.Outcome outcome) {
        DenseTensor old = value;
        value = outcome.value();
        rows = outcome.rows();
        if (old != null) {
            old.release();
        }
        release(deviceValue);
        deviceValue = outcome.deviceValue();
        if (outcome.states() != states) {
            releaseHostStates();
            states = outcome.states();
        }
        release(deviceStates);
        deviceStates = outcome.deviceStates();
        updates = outcome.updates();
    }

    static void release(OnDevice held) {
        if (held != null) {
            held.release();
        }
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

    private void releaseHostStates() {
        states.forEach(DenseTensor::release);
        states = List.of();
    }

    private void releaseStates() {
        releaseHostStates();
        release(deviceStates);
        deviceStates = null;
    }

    void release() {
        releaseStates();
        if (value != null) {
            value.release();
        }
        release(deviceValue);
        deviceValue = null;
    }
}
