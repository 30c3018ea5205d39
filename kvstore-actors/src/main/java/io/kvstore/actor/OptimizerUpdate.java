package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.LentSum;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * One update of a part by an optimizer, in two halves: the part's {@link #sums}, and {@link #finish} with those of the whole
 * key, or {@link #discard}. The record is not written, but that {@link #finish} may change its value in place if nobody else
 * holds that. The second half needs no memory, so with the store's own rules it does not fail.
 */
final class OptimizerUpdate {
    private static final double[] NO_SUMS = {};

    private final KeyRecord record;
    private final Optimizer optimizer;
    private final BufferPool pool;
    private final long updates;
    private final List<DenseTensor> states;
    private final DenseTensor weight;
    private Tensor gradient;

    /**
     * @param gradient the sum of what was pushed, of the part's shape; the update's own from now on. A {@link LentSum} only if
     *     the rule can {@linkplain OptimizerKernel#updatesByBlocks update by blocks}
     * @param atOnce whether the halves follow each other at once; else the record's states are left as they are
     * @throws KVStoreException if no optimizer can update values of that type
     */
    OptimizerUpdate(KeyRecord record, Optimizer optimizer, Tensor gradient, boolean atOnce, BufferPool pool) {
        if (!OptimizerKernel.supports(record.dtype)) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED_DTYPE,
                    "optimizer '" + optimizer.name() + "' cannot update values of type " + record.dtype);
        }
        this.record = record;
        this.optimizer = optimizer;
        this.pool = pool;
        boolean fresh = !record.hasStatesFor(optimizer);
        this.updates = fresh ? 1 : record.updates + 1;
        this.states = fresh
                ? OptimizerKernel.newStates(optimizer, record.value, pool)
                : atOnce && optimizer.isBuiltIn() && exclusive(record.states)
                        ? record.states
                        : record.states.stream().map(pool::copyOf).toList();
        boolean inPlace = optimizer.isBuiltIn() && record.value.isExclusive(); // a user's rule may throw half-way
        try {
            this.weight = inPlace ? record.value.retain() : pool.copyOf(record.value);
        } catch (OutOfMemoryError e) {
            releaseStates();
            throw e;
        }
        this.gradient = gradient;
    }

    /** Whether nobody else, such as a snapshot, holds one of them. */
    private static boolean exclusive(List<DenseTensor> states) {
        for (DenseTensor state : states) {
            if (!state.isExclusive()) {
                return false;
            }
        }
        return true;
    }

    /**
     * The first half: this part's share of the sums over the whole key, empty if the rule takes none.
     *
     * @throws KVStoreException if the rule fails; the update is discarded then
     */
    double[] sums() {
        try {
            if (gradient instanceof RowSparseTensor) {
                if (OptimizerKernel.isLazy(optimizer)) {
                    return NO_SUMS;
                }
                makeDense();
            }
            if (gradient instanceof LentSum) {
                return NO_SUMS;
            }
            DenseTensor dense = (DenseTensor) gradient;
            return OptimizerKernel.sums(optimizer, record.key, updates, record.element(), weight, dense, states);
        } catch (Throwable e) { // a user's rule may throw anything, and must not stop the key
            discard();
            throw threw(e);
        }
    }

    private void makeDense() {
        DenseTensor dense = pool.denseCopyOf((RowSparseTensor) gradient);
        gradient.release();
        gradient = dense;
    }

    /**
     * The second half: what to publish.
     *
     * @param whole the sums over the whole key
     * @throws KVStoreException if the rule fails; the update is discarded then, and the value kept
     */
    Commit.Outcome finish(double[] whole) {
        try {
            noteRows();
            if (gradient instanceof DenseTensor dense) {
                OptimizerKernel.update(optimizer, record.key, updates, record.element(), weight, dense, states, whole);
            } else if (gradient instanceof LentSum lent) {
                OptimizerKernel.update(optimizer, record.key, updates, record.element(), weight, lent, states);
            } else {
                OptimizerKernel.applyRows(
                        optimizer, record.key, updates, weight, (RowSparseTensor) gradient, states, pool);
            }
        } catch (Throwable e) {
            discard();
            throw threw(e);
        }
        gradient.release();
        return new Commit.Outcome(weight, record.rows, states, updates);
    }

    /** Notes the rows about to be written, as the weight may be the value itself. */
    private void noteRows() {
        if (record.rows != null && gradient instanceof RowSparseTensor rows) {
            record.rows.add(rows.idsInPlace());
        } else if (record.rows != null) {
            record.rows.addAll();
        }
    }

    /** Gives it up; value and states are as they were. */
    void discard() {
        gradient.release();
        weight.release();
        releaseStates();
    }

    private void releaseStates() {
        if (states != record.states) {
            states.forEach(DenseTensor::release);
        }
    }

    private KVStoreException threw(Throwable e) {
        return new KVStoreException(
                Reason.UPDATER_FAILED,
                null,
                "optimizer '" + optimizer.name() + "' threw " + e + "; the push was refused, the value kept",
                e);
    }
}
