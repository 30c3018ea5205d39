package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.Tensor;
import java.util.List;

/** Whether what is pushed fits a key; the one wording of it, for sessions and keys. */
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
            String which = gradients.size() == 1 ? "" : " (array " + i + " of " + gradients.size() + ")";
            KVStoreException problem = problem(operation + which, key, gradients.get(i));
            if (problem != null) {
                return problem;
            }
        }
        return null;
    }

    private static KVStoreException problem(String operation, KeyInfo key, Tensor gradient) {
        if (!(gradient instanceof Dense)) {
            return new KVStoreException(
                    Reason.STORAGE_MISMATCH, operation + " expects a dense array, given " + gradient);
        }
        if (!gradient.shape().equals(key.shape())) {
            return new KVStoreException(
                    Reason.SHAPE_MISMATCH, operation + " expects shape " + key.shape() + ", given " + gradient.shape());
        }
        if (gradient.dtype() != key.dtype()) {
            return new KVStoreException(
                    Reason.DTYPE_MISMATCH, operation + " expects type " + key.dtype() + ", given " + gradient.dtype());
        }
        return null;
    }
}
