package io.kvstore;

import io.kvstore.actor.StoreThread;
import io.kvstore.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Applies an optimizer to a set of parameters that lie on one or several devices, over any {@link KVStore}.
 *
 * <pre>{@code
 * try (Trainer trainer = Trainer.builder()
 *         .parameters(Map.of("w", List.of(wOnDevice0, wOnDevice1)))
 *         .optimizer(Optimizer.sgd().learningRate(0.1).build())
 *         .build()) {
 *     trainer.step(Map.of("w", List.of(gradient0, gradient1)), 64);
 * }
 * }</pre>
 *
 * <p>A parameter's key is its name; the first parameter's requests have priority 0, the next one's -1, and so on. The
 * optimizer runs in the store, which then holds the weights, or {@linkplain TrainerBuilder#updateOnStore here}, on each
 * replica with states of its own, after the store has summed the gradients. Both give the same bits, as the order of
 * additions is the store's and the arithmetic is one; an asynchronous store has no order to agree on. One device with a
 * store that is named by a local type needs no store at all, and gets none.
 *
 * <p><b>Arrays.</b> Replicas and gradients are the caller's. A step writes the replicas in place and only reads the
 * gradients; {@link #allReduceGradients} writes these.
 *
 * <p><b>Errors.</b> Whatever is wrong with an argument is refused by a {@link KVStoreException} before anything is sent
 * or written. A failure after that concerns single parameters, which keep their values while the others are updated.
 *
 * <p><b>Threads.</b> Any thread may call a trainer; calls take turns. An interrupt does not end a step, whose arrays are
 * lent until the store has answered. A step that waits, such as for a worker that does not come, is explained in the log
 * and ends with the store's patience.
 *
 * <p><b>Several workers.</b> On a distributed store every worker has a trainer of the same parameters, which begin as those
 * of the lowest rank, and makes the same steps. What one sets (batch size, learning rate, other settings) where the
 * optimizer runs in the store holds for all; set the same at the same step, and it is in force in that step. Workers that
 * go on with different batch sizes are told so and refused, as one factor cannot be right for all their gradients.
 *
 * <p>Source: MXNet 1.9, python/mxnet/gluon/trainer.py. Different here: a new batch size or learning rate reaches a
 * running store and keeps its state, where MXNet refuses or ignores it.
 */
public final class Trainer implements AutoCloseable {
    private final TrainerParameters parameters;
    private final ReplicaUpdater updater;
    private final TrainerStore store; // null: one device needs none
    private final ReentrantLock turn = new ReentrantLock();
    private volatile Optimizer optimizer; // its rescale_grad is the factor before the division by the batch size
    private int batchSize = 1;
    private boolean batchSizeGiven; // by a step
    private boolean closed;

    Trainer(List<TrainerParameter> parameters, Optimizer optimizer, TrainerStore store) {
        this.parameters = new TrainerParameters(parameters);
        this.optimizer = optimizer;
        this.store = store;
        this.updater = new ReplicaUpdater(parameters);
    }

    public static TrainerBuilder builder() {
        return new TrainerBuilder();
    }

    /**
     * Creates the store's keys from the first replicas and copies these to the other replicas (and, on a distributed
     * store, to the other workers). Every first use does so; call it where replicas must be equal before that. An optimizer
     * that another worker's trainer has set by then, and that differs in {@code rescale_grad} alone, stays in force.
     *
     * @throws KVStoreException if a key of that name exists in the store
     */
    public void initialise() {
        inTurn("initialise", this::ready);
    }

    /**
     * One step: sums the gradients over all devices and workers, divides by the batch size, lets the optimizer update
     * the weights, and writes them into all replicas.
     *
     * @param gradients for each parameter, by name, an array per device, of the parameter's shape and type: a list, or
     *     the array itself where there is one device. A {@code RowSparse} where that was declared
     * @param batchSize rows that the gradients of all devices of this worker are sums over; 1 if they are means. Another
     *     one than before is a new {@code rescale_grad} for the optimizer, which keeps its state
     * @throws KVStoreException if an argument is wrong; then nothing has changed
     */
    public void step(Map<String, ?> gradients, int batchSize) {
        inTurn("step", () -> {
            List<List<Object>> checked = parameters.gradients("step", gradients);
            rescale("step", batchSize);
            if (updatesOnStore()) {
                store.requireAgreement("step");
            }
            ready();
            if (store == null) {
                updateReplicas(checked);
            } else if (store.updates()) {
                store.exchange().update(checked);
            } else {
                updateReplicas(store.exchange().sums(checked));
            }
        });
    }

    /**
     * The first half of a step whose gradients are to be changed before they are applied, such as clipped: replaces each
     * device's gradients by the sum over all devices and workers.
     *
     * @param gradients as for {@link #step}; dense ones are written in place
     * @return the sums, to be given to {@link #update}: by name and device these arrays, or, as they cannot be written, new
     *     {@code RowSparse} values
     * @throws KVStoreException if an argument is wrong, or the optimizer runs in the store
     */
    public Map<String, List<Object>> allReduceGradients(Map<String, ?> gradients) {
        return inTurn("allReduceGradients", () -> {
            requireUpdateHere("allReduceGradients");
            List<List<Object>> checked = parameters.gradients("allReduceGradients", gradients);
            ready();
            return parameters.named(store == null ? checked : store.exchange().allReduce(checked));
        });
    }

    /**
     * The second half of a step: updates each replica by its device's gradient.
     *
     * @param gradients as for {@link #step}, usually what {@link #allReduceGradients} made of them
     * @param batchSize as for {@link #step}
     * @throws KVStoreException if an argument is wrong, or the optimizer runs in the store
     */
    public void update(Map<String, ?> gradients, int batchSize) {
        inTurn("update", () -> {
            requireUpdateHere("update");
            List<List<Object>> checked = parameters.gradients("update", gradients);
            rescale("update", batchSize);
            ready();
            updateReplicas(checked);
        });
    }

    /** The optimizer with its present settings; {@code rescale_grad} is the factor before the batch size. */
    public Optimizer optimizer() {
        return optimizer;
    }

    /** The base rate, before schedule and multipliers. */
    public double learningRate() {
        return optimizer().learningRate();
    }

    /** {@link #adjustOptimizer} of the learning rate. */
    public void setLearningRate(double rate) {
        adjustOptimizer(now -> now.learningRate(rate));
    }

    /**
     * Changes the optimizer's settings, such as rate or multipliers, from the next step on; its state is kept.
     *
     * @throws KVStoreException if a setting is out of range or would need other state; then nothing has changed
     */
    public void adjustOptimizer(UnaryOperator<Optimizer.Builder> change) {
        inTurn("adjustOptimizer", () -> {
            if (change == null) {
                throw new KVStoreException(Reason.INVALID_ARGUMENT, "adjustOptimizer: the change must not be null");
            }
            Optimizer next = change.apply(optimizer.toBuilder()).build();
            if (!optimizer.sameStateAs(next)) {
                throw new KVStoreException(
                        Reason.INVALID_ARGUMENT,
                        "the change needs other state: " + optimizer + " cannot become " + next
                                + " and keep its state; build another trainer to start afresh");
            }
            use(next, batchSize);
        });
    }

    /**
     * Writes what the optimizer remembers of every parameter, and its settings, into a file on this machine: the whole new
     * file, or nothing. It is the same file wherever the optimizer runs.
     *
     * @throws KVStoreException if the file cannot be written
     */
    public void saveStates(Path file) {
        inTurn("saveStates", () -> {
            requireFile("saveStates", file);
            ready();
            if (updatesOnStore()) {
                store.save(file);
            } else {
                updater.save(file, scaled(optimizer, batchSize));
            }
        });
    }

    /**
     * Takes up what {@link #saveStates} wrote, from the next step on. The file's optimizer replaces this one, except that,
     * as in MXNet, {@code rescale_grad} and the multipliers by name stay as they are here. Weights are not in the file.
     *
     * @throws KVStoreException if the file cannot be read, is damaged or does not fit the parameters; then nothing has
     *     changed
     */
    public void loadStates(Path file) {
        inTurn("loadStates", () -> {
            requireFile("loadStates", file);
            ready();
            Optimizer loaded = updatesOnStore() ? store.load(file) : updater.load(file, optimizer);
            Optimizer mine = loaded.toBuilder()
                    .rescaleGrad(optimizer.rescaleGrad())
                    .set("lr_mult", optimizer.lrMult())
                    .set("wd_mult", optimizer.wdMult())
                    .build();
            use(mine, batchSize);
        });
    }

    private static void requireFile(String operation, Path file) {
        if (file == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, operation + ": the file must not be null");
        }
    }

    /** Whether the optimizer runs in the store. */
    public boolean updatesOnStore() {
        return store != null && store.updates();
    }

    /** The store in use; none for one device that needs none, and between a {@link #reset} and the next use. */
    public Optional<KVStore> store() {
        return store == null ? Optional.empty() : store.store();
    }

    /**
     * Rows of a weight that is row-sparse, as they are in the store after this trainer's last step.
     *
     * @param rowIds in any order, with repeats
     * @throws KVStoreException if there is no such row-sparse parameter, or no such row
     */
    public RowSparse rowSparseData(String name, long... rowIds) {
        return inTurn("rowSparseData", () -> {
            TrainerParameter parameter = parameters.named("rowSparseData", name);
            if (!parameter.isRowSparse()) {
                throw new KVStoreException(
                        Reason.STORAGE_MISMATCH,
                        parameter.key(),
                        "rowSparseData expects a parameter that was given as a RowSparse; this one's replicas are the"
                                + " caller's arrays");
            }
            ready();
            return store.rows(parameter, rowIds);
        });
    }

    /**
     * Writes {@code value}, such as one loaded from a checkpoint, into all replicas of a parameter. Weights that lie in the
     * store are there no longer the truth, so it is {@link #reset}.
     *
     * @throws KVStoreException if there is no such parameter, the value does not fit it, or the store cannot be reset
     */
    public void setData(String name, INDArray value) {
        inTurn("setData", () -> {
            TrainerParameter parameter = settable(name, value, false);
            if (updatesOnStore()) {
                store.drop();
            }
            parameter.write(value);
        });
    }

    /** As {@link #setData(String, INDArray)}, of a row-sparse weight; the rows that are not given become zero. */
    public void setData(String name, RowSparse value) {
        inTurn("setData", () -> {
            TrainerParameter parameter = settable(name, value, true);
            store.drop();
            store.set(parameter, value);
        });
    }

    private TrainerParameter settable(String name, Object value, boolean rowSparse) {
        TrainerParameter parameter = parameters.named("setData", name);
        if (parameter.isRowSparse() != rowSparse) {
            throw new KVStoreException(
                    Reason.STORAGE_MISMATCH,
                    parameter.key(),
                    "setData expects "
                            + (rowSparse ? "an INDArray, given a RowSparse" : "a RowSparse, given an INDArray")
                            + ", as the parameter was given when the trainer was built");
        }
        parameter.requireReplicas("setData");
        parameter.requireFits("setData", value, rowSparse);
        return parameter;
    }

    /**
     * Drops what the store holds for this trainer, the states of an optimizer that runs there included; the next use
     * begins anew with the weights as they are then. A store of the trainer's own is closed, and made again; from a given
     * one the trainer's keys are deleted. (MXNet would go on with the optimizer's old update counts.)
     *
     * @throws KVStoreException with {@link Reason#UNSUPPORTED} if the store is distributed, or cannot delete keys
     */
    public void reset() {
        inTurn("reset", () -> {
            if (store != null) {
                store.drop();
            }
        });
    }

    /**
     * Ends a store of the trainer's own, and with it row-sparse weights; a given one stays open, with its keys. The replicas
     * stay as they are.
     */
    @Override
    public void close() {
        refuseStoreThread("close");
        turn.lock();
        try {
            if (!closed && store != null) {
                store.close();
            }
        } finally {
            closed = true;
            turn.unlock();
        }
    }

    private void ready() {
        if (store != null) {
            store.initialise(scaled(optimizer, batchSize), batchSizeGiven);
        }
    }

    private void updateReplicas(List<List<Object>> gradients) {
        Optimizer scaled = scaled(optimizer, batchSize);
        for (TrainerParameter parameter : parameters.all()) {
            updater.update(parameter, gradients.get(parameter.index()), scaled);
        }
    }

    private void rescale(String operation, int batchSize) {
        if (batchSize <= 0) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    operation + " expects a batch size of at least 1, given " + batchSize
                            + "; it is the number of rows that the gradients are sums over");
        }
        use(optimizer, batchSize);
        batchSizeGiven = true;
    }

    /** Puts these settings in force, where anything has changed. */
    private void use(Optimizer next, int nextBatchSize) {
        if (updatesOnStore()) {
            store.adjust(scaled(next, nextBatchSize));
        }
        optimizer = next;
        batchSize = nextBatchSize;
    }

    private static Optimizer scaled(Optimizer optimizer, int batchSize) {
        return optimizer.toBuilder()
                .rescaleGrad(optimizer.rescaleGrad() / batchSize)
                .build();
    }

    private void inTurn(String operation, Runnable work) {
        inTurn(operation, () -> {
            work.run();
            return null;
        });
    }

    /** A store's own thread must not even wait for its turn, as whoever has it may wait for that thread. */
    private <T> T inTurn(String operation, Supplier<T> work) {
        refuseStoreThread(operation);
        turn.lock();
        try {
            if (closed) {
                throw new KVStoreException(Reason.CLOSED, operation + " on a closed trainer");
            }
            return work.get();
        } finally {
            turn.unlock();
        }
    }

    private static void refuseStoreThread(String operation) {
        if (StoreThread.isCurrent()) {
            throw new KVStoreException(
                    Reason.WOULD_DEADLOCK,
                    operation + " of a trainer on one of the store's own threads (an updater or a callback) might wait"
                            + " for itself; use another thread");
        }
    }

    private void requireUpdateHere(String operation) {
        if (updatesOnStore()) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED,
                    operation
                            + " of a trainer whose optimizer runs in the store, where gradients are summed and applied"
                            + " in one; use step, or build the trainer with updateOnStore(false)");
        }
    }
}
