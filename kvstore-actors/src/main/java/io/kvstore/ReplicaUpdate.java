package io.kvstore;

import io.kvstore.actor.OptimizerState;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One update of one replica, in three steps: what is to be updated is read, {@link #apply} works aside, and {@link
 * #publish} writes. It can be dropped before the last.
 *
 * <p>Either the whole replica or some rows of it. Rows are an update of their own, as a lazy rule treats every element by
 * itself; so nothing of the size of the replica is touched.
 */
final class ReplicaUpdate {
    private final INDArray replica;
    private final long[] rows; // null: all
    private final DenseTensor weight;
    private OptimizerState next;
    private List<DenseTensor> nextRows = List.of();

    private ReplicaUpdate(INDArray replica, long[] rows, DenseTensor weight) {
        this.replica = replica;
        this.rows = rows;
        this.weight = weight;
    }

    /** @param rows sorted and unique; null for the whole replica */
    static ReplicaUpdate read(INDArray replica, long[] rows, BufferPool pool) {
        NdView view = NdView.reading(replica);
        if (rows == null) {
            return new ReplicaUpdate(
                    replica, null, pool.filled(view.dtype(), view.shape(), tensor -> NdView.copy(replica, tensor)));
        }
        long[] extents = view.shape().toArray();
        extents[0] = rows.length;
        return new ReplicaUpdate(
                replica, rows, pool.filled(view.dtype(), Shape.of(extents), tensor -> view.readRows(rows, tensor)));
    }

    /**
     * @param gradient of what was read
     * @param state of the whole replica, with as many states as the optimizer keeps
     */
    void apply(Key key, Optimizer optimizer, DenseTensor gradient, OptimizerState state) {
        boolean aside = rows != null || !optimizer.isBuiltIn(); // a user's rule may throw half-way
        List<DenseTensor> states = aside ? copies(state) : state.states();
        long updates = state.updates() + 1;
        try {
            OptimizerKernel.apply(optimizer, key, updates, weight, gradient, states);
        } catch (RuntimeException | Error e) {
            throw new KVStoreException(
                    Reason.UPDATER_FAILED,
                    key,
                    "optimizer '" + optimizer.name() + "' threw " + e + "; its replicas were kept",
                    e);
        }
        nextRows = rows == null ? List.of() : states;
        List<DenseTensor> whole = rows == null ? states : state.states();
        next = new OptimizerState(state.form(), state.shape(), state.dtype(), updates, whole);
    }

    private List<DenseTensor> copies(OptimizerState state) {
        List<DenseTensor> copies = new ArrayList<>(state.states().size());
        for (DenseTensor each : state.states()) {
            copies.add(
                    rows == null
                            ? each.copy()
                            : RowSparseTensor.gather(each, rows).rows());
        }
        return copies;
    }

    /** Writes the replica, and returns what the optimizer remembers of it now. */
    OptimizerState publish() {
        NdView view = NdView.writing(replica);
        if (rows == null) {
            view.write(weight);
            return next;
        }
        view.writeRows(rows, weight);
        for (int i = 0; i < nextRows.size(); i++) {
            RowSparseTensor.of(next.shape(), rows, nextRows.get(i))
                    .copyRowsInto(next.states().get(i));
        }
        return next;
    }

    void release() {
        weight.release();
    }
}
