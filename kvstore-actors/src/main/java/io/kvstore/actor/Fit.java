package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.compression.Decoding;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DeviceTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/** Whether what is pushed to a key, or asked of it, fits; the one wording of it, for sessions and keys. */
public final class Fit {
    private Fit() {}

    /**
     * Why {@code gradients} cannot go to the key, or null if they can. The message does not name the key.
     *
     * @param operation the word for the request, such as {@code push}
     */
    public static KVStoreException problem(String operation, KeyInfo key, List<? extends Tensor> gradients) {
        if (gradients.isEmpty()) {
            return new KVStoreException(Reason.INVALID_ARGUMENT, operation + " expects at least one array, given none");
        }
        for (int i = 0; i < gradients.size(); i++) {
            if (problem(operation, key, gradients.get(i)) != null) {
                String which = gradients.size() == 1 ? "" : " (array " + i + " of " + gradients.size() + ")";
                return problem(operation + which, key, gradients.get(i));
            }
        }
        return null;
    }

    /**
     * As {@link #problem(String, KeyInfo, List)}, where the key's device can read and write arrays on GPUs for which {@code
     * onGpu} finds no problem.
     */
    static KVStoreException problem(
            String operation,
            KeyInfo key,
            List<? extends Tensor> arrays,
            Function<DeviceTensor, KVStoreException> onGpu) {
        KVStoreException problem = problem(operation, key, arrays);
        for (Tensor array : arrays) {
            if (problem == null && array instanceof DeviceTensor onDevice) {
                problem = onGpu.apply(onDevice);
            }
        }
        return problem;
    }

    /** The refusal of an array on a GPU by a store that has none. */
    public static KVStoreException noGpus() {
        return new KVStoreException(
                Reason.UNSUPPORTED,
                "this store has no GPU, given an array that lies on one; create a store of type 'device' with"
                        + " kvstore.devices = [\"gpu(0)\"], or give it an array on the host");
    }

    /**
     * Why the rows {@code ids} cannot be pulled from the key, or null if they can. The message does not name the key.
     *
     * @param operation the word for the request
     */
    public static KVStoreException problem(String operation, KeyInfo key, long[] ids) {
        if (!key.rowSparse()) {
            return new KVStoreException(
                    Reason.STORAGE_MISMATCH,
                    operation + " expects a key that was initialised with a RowSparse, given a dense one; use pull");
        }
        long rows = key.shape().extent(0);
        for (int i = 0; i < ids.length; i++) {
            if (ids[i] < 0 || ids[i] >= rows) {
                return new KVStoreException(
                        Reason.OUT_OF_RANGE,
                        operation + " expects row ids in [0, " + rows + "), given " + ids[i] + " at position " + i);
            }
        }
        return null;
    }

    private static KVStoreException problem(String operation, KeyInfo key, Tensor gradient) {
        KVStoreException problem = problem(operation, key, gradient.shape(), gradient.dtype());
        if (problem == null && gradient instanceof EncodedTensor encoded) {
            String unreadable = Decoding.problem(encoded);
            return unreadable == null
                    ? null
                    : new KVStoreException(Reason.INVALID_ARGUMENT, operation + " is unreadable: " + unreadable);
        }
        return problem;
    }

    /** Why something of that shape and type is not the key's, or null if it is. */
    public static KVStoreException problem(String operation, KeyInfo key, Shape shape, DType dtype) {
        if (!shape.equals(key.shape())) {
            return new KVStoreException(
                    Reason.SHAPE_MISMATCH, operation + " expects shape " + key.shape() + ", given " + shape);
        }
        if (dtype != key.dtype()) {
            return new KVStoreException(
                    Reason.DTYPE_MISMATCH, operation + " expects type " + key.dtype() + ", given " + dtype);
        }
        return null;
    }

    /** Why the configuration has no states to save or load, or null if it has. */
    public static KVStoreException stateless(String operation, KeyConfig config) {
        if (config.optimizer() != null) {
            return null;
        }
        return new KVStoreException(
                Reason.NO_OPTIMIZER,
                operation
                        + (config.updater() == null
                                ? " expects an optimizer in the store, there is none"
                                : " expects an optimizer in the store, given an updater, whose state is its own")
                        + "; call setOptimizer first");
    }

    /** Why the key cannot go on from {@code state} under this configuration, or null if it can. */
    public static KVStoreException problem(String operation, KeyInfo key, KeyConfig config, OptimizerState state) {
        KVStoreException problem = stateless(operation, config);
        if (problem == null && !state.form().equals(config.optimizer().stateForm())) {
            problem = new KVStoreException(
                    Reason.STATE_MISMATCH,
                    operation + " expects states of " + config.optimizer().stateForm() + ", given those of "
                            + state.form());
        }
        if (problem == null) {
            problem = problem(operation, key, state.shape(), state.dtype());
        }
        if (problem == null && !state.isComplete()) {
            problem = new KVStoreException(
                    Reason.STATE_MISMATCH,
                    operation + " expects, after " + state.updates() + " updates, states of types " + state.types()
                            + " and shape " + state.shape() + ", given " + state.states());
        }
        return problem;
    }
}
