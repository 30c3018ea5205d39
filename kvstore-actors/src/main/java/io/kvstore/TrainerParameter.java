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
 * @param devices how many gradients a step has of it
 * @param hasRowSparseGradient whether these are row-sparse
 * @param replicas the caller's arrays, one per device, all of one shape and type; none of a row-sparse weight
 * @param value of a row-sparse weight at first, else null
 */
record TrainerParameter(
        int index,
        Key key,
        Shape shape,
        DType dtype,
        int devices,
        boolean hasRowSparseGradient,
        List<INDArray> replicas,
        RowSparse value) {

    /**
     * A parameter from what a user gives for it.
     *
     * @param given a {@code RowSparse}, an array for the only device, or a list of arrays, one per device
     * @throws KVStoreException if it is something else, the arrays differ, or no optimizer takes them
     */
    static TrainerParameter of(int index, Key key, Object given) {
        if (given instanceof RowSparse value) {
            requireFloating(key, value.dtype());
            return new TrainerParameter(index, key, value.tensor().shape(), value.dtype(), 0, true, List.of(), value);
        }
        List<?> replicas = perDevice(given);
        if (replicas.isEmpty()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, key, "a parameter needs at least one array, given none");
        }
        NdView first = writing(key, "replica 0", replicas.get(0));
        requireFloating(key, first.dtype());
        List<INDArray> arrays = new ArrayList<>(replicas.size());
        for (Object replica : replicas) {
            requireSame(key, "replica " + arrays.size(), replica, first);
            arrays.add((INDArray) replica);
        }
        return new TrainerParameter(
                index, key, first.shape(), first.dtype(), arrays.size(), false, List.copyOf(arrays), null);
    }

    private static void requireFloating(Key key, DType dtype) {
        if (!OptimizerKernel.supports(dtype)) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED_DTYPE,
                    key,
                    "no optimizer can update values of type " + dtype + "; a parameter is of a floating type");
        }
    }

    private static void requireSame(Key key, String where, Object replica, NdView first) {
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
    }

    private static List<?> perDevice(Object given) {
        return given instanceof List<?> several ? several : Forms.one(given);
    }

    private static NdView writing(Key key, String where, Object given) {
        if (!(given instanceof INDArray array)) {
            throw notA("an INDArray", key, where, given);
        }
        try {
            return NdView.writing(array);
        } catch (KVStoreException e) {
            throw new KVStoreException(e.reason(), key, where + ": " + e.getMessage(), e.getCause());
        }
    }

    private static KVStoreException notA(String expected, Key key, String where, Object given) {
        return new KVStoreException(
                Reason.INVALID_ARGUMENT,
                key,
                where + " must be " + expected + ", given "
                        + (given == null ? "null" : given.getClass().getName()));
    }

    /** The same with that many gradients. */
    TrainerParameter onDevices(int count) {
        return new TrainerParameter(index, key, shape, dtype, count, hasRowSparseGradient, replicas, value);
    }

    /** The same with row-sparse gradients. @throws KVStoreException of a scalar, which has no rows */
    TrainerParameter withRowSparseGradient() {
        if (shape.rank() == 0) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, key, "a scalar cannot have a row-sparse gradient");
        }
        return new TrainerParameter(index, key, shape, dtype, devices, true, replicas, value);
    }

    /** Whether the weight itself is row-sparse, and so lies in the store alone. */
    boolean isRowSparse() {
        return value != null;
    }

    /** What a store will know of it once it is initialised. */
    KeyInfo info() {
        return new KeyInfo(key, shape, dtype, isRowSparse(), 0, 0, "");
    }

    /** @throws KVStoreException if a replica was closed meanwhile */
    void requireReplicas(String operation) {
        for (int device = 0; device < replicas.size(); device++) {
            writing(key, operation + ", replica " + device, replicas.get(device));
        }
    }

    /** The gradients, one per device. @throws KVStoreException if one is missing or does not fit */
    List<Object> gradients(String operation, Object given) {
        List<?> perDevice = perDevice(given);
        if (perDevice.size() != devices) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    key,
                    operation + " expects a gradient for each of " + devices + " devices, given " + perDevice.size());
        }
        List<Object> gradients = new ArrayList<>(devices);
        for (Object gradient : perDevice) {
            String where = operation + ", gradient of device " + gradients.size();
            requireFits(where, gradient, hasRowSparseGradient);
            gradients.add(gradient);
        }
        return gradients;
    }

    /** Refuses what is not a value of this shape and type, dense or row-sparse. */
    void requireFits(String where, Object given, boolean rowSparse) {
        Tensor tensor = rowSparse ? rowSparse(where, given) : dense(where, given);
        KVStoreException problem = Fit.problem(where, info(), List.of(tensor));
        if (problem != null) {
            throw problem.of(key);
        }
    }

    private Tensor rowSparse(String where, Object given) {
        if (given instanceof RowSparse value) {
            return value.tensor();
        }
        if (given instanceof INDArray) {
            throw new KVStoreException(
                    Reason.STORAGE_MISMATCH,
                    key,
                    where + " must be a RowSparse as was declared, given an INDArray; RowSparse.fromDense converts it");
        }
        throw notA("a RowSparse", key, where, given);
    }

    private Tensor dense(String where, Object given) {
        if (given instanceof RowSparse) {
            throw new KVStoreException(
                    Reason.STORAGE_MISMATCH,
                    key,
                    where
                            + " must be an INDArray, given a RowSparse; declare it by rowSparseGradient when the trainer is"
                            + " built");
        }
        if (!(given instanceof INDArray array)) {
            throw notA("an INDArray", key, where, given);
        }
        try {
            return new BorrowedTensor(array, () -> {});
        } catch (KVStoreException e) {
            throw new KVStoreException(e.reason(), key, where + ": " + e.getMessage(), e.getCause());
        }
    }

    /** A new array of this shape and type. */
    INDArray newArray() {
        return DenseTensor.zeros(dtype, shape).toINDArray();
    }

    /** Writes {@code data} into every replica. */
    void write(INDArray data) {
        DenseTensor tensor = Tensor.copyOf(data);
        replicas.forEach(replica -> NdView.writing(replica).write(tensor));
    }
}
