package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.Updater;
import io.kvstore.compression.Decoding;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Tensor;
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
        DenseTensor sum = sum(commit);
        KeyConfig config = commit.config();
        KeyRecord record = commit.record();
        if (config.optimizer() != null) {
            try {
                return optimize(record, config.optimizer(), sum);
            } finally {
                sum.release();
            }
        }
        if (config.updater() != null) {
            try {
                return new Commit.Outcome(update(record, config.updater(), sum), record.states, record.updates);
            } finally {
                sum.release();
            }
        }
        return new Commit.Outcome(sum, record.states, record.updates);
    }

    private DenseTensor sum(Commit commit) {
        List<Tensor> gradients = commit.gradients();
        if (gradients.size() == 1 && gradients.get(0) instanceof DenseTensor only && only.isExclusive()) {
            return only; // captured for this push alone: its buffer goes on as the sum
        }
        try {
            KeyRecord record = commit.record();
            List<Dense> values = gradients.stream().map(HostCommit::dense).toList();
            return pool.filled(record.dtype, record.shape, sum -> Kernels.sum(values, sum, sumGroup));
        } finally {
            commit.releaseGradients();
        }
    }

    private static Dense dense(Tensor gradient) {
        return gradient instanceof EncodedTensor encoded ? Decoding.of(encoded) : (Dense) gradient;
    }

    private Commit.Outcome optimize(KeyRecord record, Optimizer optimizer, DenseTensor sum) {
        if (!OptimizerKernel.supports(record.dtype)) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED_DTYPE,
                    "optimizer '" + optimizer.name() + "' cannot update values of type " + record.dtype);
        }
        boolean fresh = !record.hasStatesFor(optimizer);
        boolean inPlace = optimizer.isBuiltIn(); // a user's rule may throw half-way
        List<DenseTensor> states = fresh
                ? OptimizerKernel.newStates(optimizer, record.value, pool)
                : inPlace && exclusive(record.states)
                        ? record.states
                        : record.states.stream().map(pool::copyOf).toList();
        boolean exclusive = inPlace && record.value.isExclusive();
        DenseTensor weight = exclusive ? record.value.retain() : pool.copyOf(record.value);
        long updates = fresh ? 1 : record.updates + 1;
        try {
            OptimizerKernel.apply(optimizer, record.key, updates, weight, sum, states);
            return new Commit.Outcome(weight, states, updates);
        } catch (Throwable e) { // a user's rule may throw anything, and must not stop the key
            weight.release();
            if (states != record.states) {
                states.forEach(DenseTensor::release);
            }
            throw new KVStoreException(
                    Reason.UPDATER_FAILED,
                    null,
                    "optimizer '" + optimizer.name() + "' threw " + e + "; the push was refused, the value kept",
                    e);
        }
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

    private DenseTensor update(KeyRecord record, Updater updater, DenseTensor sum) {
        Key key = record.key;
        INDArray received = sum.toINDArray();
        INDArray stored = record.value.toINDArray();
        try {
            StoreThread.run(() -> updater.update(key, received, stored));
            return pool.filled(record.dtype, record.shape, updated -> NdView.copy(stored, updated));
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

    private static void close(INDArray scratch) {
        if (!scratch.wasClosed() && scratch.closeable()) {
            scratch.close();
        }
    }
}
