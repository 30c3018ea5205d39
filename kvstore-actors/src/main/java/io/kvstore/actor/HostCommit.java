package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Updater;
import io.kvstore.compression.Decoding;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.LentSum;
import io.kvstore.tensor.Merge;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Outlet;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Carries out commits with the host's arithmetic, in buffers of one pool; on the calling thread. */
final class HostCommit {
    private final BufferPool pool;
    private final int sumGroup;

    /** @param sumGroup the order of sums, {@link Kernels#LOCAL_GROUP} or {@link Kernels#DEVICE_GROUP} */
    HostCommit(BufferPool pool, int sumGroup) {
        this.pool = pool;
        this.sumGroup = sumGroup;
    }

    /**
     * Sums, applies, and returns what to publish. The gradients are released as soon as they are read, in any case.
     *
     * @throws KVStoreException if it cannot be carried out; nothing visible has changed
     */
    Commit.Outcome carryOut(Commit commit) {
        KeyConfig config = commit.config();
        KeyRecord record = commit.record();
        if (config.optimizer() != null) {
            OptimizerUpdate update = begin(commit, true);
            double[] own = update.sums();
            return update.finish(
                    OptimizerKernel.combine(config.optimizer(), List.of(own), List.of(record.value.length())));
        }
        Tensor sum = sum(commit, config.updater() == null ? outlet(commit) : null);
        if (config.updater() == null && sum instanceof DenseTensor value) {
            return new Commit.Outcome(value, RowSet.allOf(record), record.states, record.updates);
        }
        try {
            return config.updater() != null
                    ? update(record, config.updater(), sum)
                    : assign(record, (RowSparseTensor) sum);
        } finally {
            sum.release();
        }
    }

    /**
     * Sums the gradients, for an update in two halves.
     *
     * @param atOnce whether the second half follows at once
     * @throws KVStoreException if it cannot be carried out; nothing has changed
     */
    OptimizerUpdate begin(Commit commit, boolean atOnce) {
        Tensor sum = atOnce && sumsByBlocks(commit) ? lentSum(commit) : sum(commit, null);
        try {
            return new OptimizerUpdate(commit.record(), commit.config().optimizer(), sum, atOnce, pool);
        } catch (RuntimeException | Error e) {
            sum.release();
            throw e;
        }
    }

    /** Whether the sum need not be kept: the update reads it once, block by block, from arrays that stay as they are. */
    private static boolean sumsByBlocks(Commit commit) {
        KeyRecord record = commit.record();
        return OptimizerKernel.updatesByBlocks(commit.config().optimizer(), record.dtype)
                && record.shape.length() > LentSum.WORTHWHILE
                && commit.gradients().stream().allMatch(BorrowedTensor.class::isInstance);
    }

    private LentSum lentSum(Commit commit) {
        try {
            return LentSum.of(
                    commit.gradients().stream().map(BorrowedTensor.class::cast).toList(), sumGroup);
        } catch (KVStoreException e) {
            commit.releaseGradients();
            throw e;
        }
    }

    /** Where the caller of a pushPull lets the new value go at once, or null. */
    private static Outlet outlet(Commit commit) {
        return commit.gradients().get(0) instanceof BorrowedTensor lent ? lent.outlet() : null;
    }

    /** A captured gradient that stands alone goes on as the sum, and so does a row-sparse one, which is only read. */
    private Tensor sum(Commit commit, Outlet outlet) {
        List<Tensor> gradients = commit.gradients();
        if (gradients.size() == 1) {
            Tensor only = gradients.get(0);
            if (only instanceof RowSparseTensor || only instanceof DenseTensor dense && dense.isExclusive()) {
                return only;
            }
        }
        try {
            return Merge.sum(readable(gradients), pool, sumGroup, outlet);
        } finally {
            commit.releaseGradients();
        }
    }

    /**
     * Adds gradients, dense or encoded, to the sum so far, or makes the first, in the order given; they are released.
     *
     * @param sum exclusively the caller's, or null
     * @return the sum, which is {@code sum} itself if that was given
     */
    DenseTensor fold(DenseTensor sum, List<Tensor> gradients) {
        try {
            if (sum == null
                    && gradients.size() == 1
                    && gradients.get(0) instanceof DenseTensor only
                    && only.isExclusive()) {
                return only.retain();
            }
            List<Dense> values = new ArrayList<>(gradients.size() + 1);
            if (sum != null) {
                values.add(sum);
            }
            gradients.forEach(gradient -> values.add((Dense) readable(gradient)));
            if (sum != null) {
                Kernels.sum(values, sum, Kernels.DEVICE_GROUP);
                return sum;
            }
            Dense first = values.get(0);
            return pool.filled(first.dtype(), first.shape(), into -> Kernels.sum(values, into, Kernels.DEVICE_GROUP));
        } finally {
            gradients.forEach(Tensor::release);
        }
    }

    private static List<Tensor> readable(List<Tensor> gradients) {
        List<Tensor> readable = new ArrayList<>(gradients.size());
        for (Tensor gradient : gradients) {
            readable.add(readable(gradient));
        }
        return readable;
    }

    private static Tensor readable(Tensor gradient) {
        return gradient instanceof EncodedTensor encoded ? Decoding.of(encoded) : gradient;
    }

    /** The value becomes the given rows, zeros elsewhere: in place, if nobody else holds it and its rows are known. */
    private Commit.Outcome assign(KeyRecord record, RowSparseTensor sum) {
        if (record.rows == null) {
            return new Commit.Outcome(pool.denseCopyOf(sum), null, record.states, record.updates);
        }
        if (record.value == null || !record.value.isExclusive()) {
            RowSet rows = RowSet.of(record.shape, sum.idsInPlace());
            return new Commit.Outcome(pool.denseCopyOf(sum), rows, record.states, record.updates);
        }
        record.rows.zero(record.value);
        record.rows.add(sum.idsInPlace());
        sum.copyRowsInto(record.value);
        return new Commit.Outcome(record.value.retain(), record.rows, record.states, record.updates);
    }

    private Commit.Outcome update(KeyRecord record, Updater updater, Tensor sum) {
        Key key = record.key;
        INDArray received = toINDArray(sum);
        INDArray stored = record.value.toINDArray();
        try {
            StoreThread.run(() -> updater.update(key, received, stored));
            DenseTensor updated = pool.filled(record.dtype, record.shape, into -> NdView.copy(stored, into));
            return new Commit.Outcome(updated, RowSet.allOf(record), record.states, record.updates);
        } catch (Throwable e) { // a user's code may throw anything, and must not stop the key
            throw new KVStoreException(
                    Reason.UPDATER_FAILED,
                    null,
                    "the updater threw " + e + "; the push was refused, the value kept",
                    e);
        } finally {
            close(received);
            close(stored);
        }
    }

    private INDArray toINDArray(Tensor sum) {
        if (!(sum instanceof RowSparseTensor rows)) {
            return ((DenseTensor) sum).toINDArray();
        }
        DenseTensor dense = pool.denseCopyOf(rows);
        try {
            return dense.toINDArray();
        } finally {
            dense.release();
        }
    }

    private static void close(INDArray scratch) {
        if (!scratch.wasClosed() && scratch.closeable()) {
            scratch.close();
        }
    }
}
