package io.kvstore;

import io.kvstore.actor.Fit;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BorrowedTensor;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.NdView;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One parameter of a {@link Trainer}.
 *
 * @param index its place among the parameters, from 0; its requests have priority {@code -index}
 * @param replicas the caller's arrays, one per device, all of one shape and type
 */
record TrainerParameter(int index, Key key, Shape shape, DType dtype, List<INDArray> replicas) {

    /** @throws KVStoreException if there is no replica, one cannot be written, they differ, or no optimizer takes them */
    static TrainerParameter of(int index, Key key, List<?> replicas) {
        if (replicas.isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, key, "a parameter needs at least one array, given none");
        }
        NdView first = writing(key, "replica 0", replicas.get(0));
        if (!OptimizerKernel.supports(first.dtype())) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED_DTYPE,
                    key,
                    "no optimizer can update values of type " + first.dtype() + "; a parameter is of a floating type");
        }
        List<INDArray> arrays = new ArrayList<>(replicas.size());
        for (Object replica : replicas) {
            String where = "replica " + arrays.size();
            NdView view = writing(key, where, replica);
            if (!view.shape().equals(first.shape())) {
                throw new KVStoreException(
                        Reason.SHAPE_MISMATCH,
                        key,
                        where + " must have shape " + first.shape() + " as replica 0, given " + view.shape());
            }
            if (view.dtype() != first.dtype()) {
                throw new KVStoreException(
                        Reason.DTYPE_MISMATCH,
                        key,
                        where + " must be of type " + first.dtype() + " as replica 0, given " + view.dtype());
            }
            arrays.add((INDArray) replica);
        }
        return new TrainerParameter(index, key, first.shape(), first.dtype(), List.copyOf(arrays));
    }

    /** What is given for one parameter: an array for the only device, or a list of them. */
    static List<?> perDevice(Object given) {
        return given instanceof List<?> several ? several : Forms.one(given);
    }

    private static NdView writing(Key key, String where, Object array) {
        try {
            return NdView.writing(array(array));
        } catch (KVStoreException e) {
            throw new KVStoreException(e.reason(), key, where + ": " + e.getMessage(), e.getCause());
        }
    }

    private static INDArray array(Object given) {
        if (given instanceof INDArray array) {
            return array;
        }
        throw new KVStoreException(
                Reason.INVALID_ARGUMENT,
                "must be an INDArray, given "
                        + (given == null ? "null" : given.getClass().getName()));
    }

    /** What a store will know of it once it is initialised. */
    KeyInfo info() {
        return new KeyInfo(key, shape, dtype, false, 0, 0, "");
    }

    /** @throws KVStoreException if a replica was closed meanwhile */
    void requireReplicas(String operation) {
        for (int device = 0; device < replicas.size(); device++) {
            writing(key, operation + ", replica " + device, replicas.get(device));
        }
    }

    /** The gradients, one per device. @throws KVStoreException if one is missing or does not fit */
    List<INDArray> gradients(String operation, Object given) {
        List<?> perDevice = perDevice(given);
        if (perDevice.size() != replicas.size()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    key,
                    operation + " expects a gradient for each of " + replicas.size() + " devices, given "
                            + perDevice.size());
        }
        List<INDArray> gradients = new ArrayList<>(perDevice.size());
        for (Object gradient : perDevice) {
            gradients.add(fitting(operation + ", gradient of device " + gradients.size(), gradient));
        }
        return gradients;
    }

    /** The array that was given, of this shape and type. @throws KVStoreException if it is another thing */
    INDArray fitting(String where, Object given) {
        BorrowedTensor tensor;
        try {
            tensor = new BorrowedTensor(array(given), () -> {});
        } catch (KVStoreException e) {
            throw new KVStoreException(e.reason(), key, where + ": " + e.getMessage(), e.getCause());
        }
        KVStoreException problem = Fit.problem(where, new KeyInfo(key, shape, dtype, false, 0, 0, ""), List.of(tensor));
        if (problem != null) {
            throw problem.of(key);
        }
        return (INDArray) given;
    }

    /** A new array of this shape and type. */
    INDArray newArray() {
        return DenseTensor.zeros(dtype, shape).toINDArray();
    }

    /** Writes {@code value} into every replica. */
    void write(INDArray value) {
        DenseTensor tensor = Tensor.copyOf(value);
        replicas.forEach(replica -> NdView.writing(replica).write(tensor));
    }
}
