package io.kvstore;

import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store through which a {@link Trainer}'s devices meet: one key for each parameter. It holds the weights if the
 * optimizer runs there, else the sums of the gradients.
 */
final class TrainerStore {
    private static final Logger log = LoggerFactory.getLogger(TrainerStore.class);

    private final Supplier<KVStore> source; // null: the store is the caller's
    private final boolean updates;
    private final GradientCompression compression; // null: nothing was said
    private final List<TrainerParameter> parameters;
    private final Map<Key, RowSparse> rowSparse = new HashMap<>(); // weights, while the store does not have them
    private volatile KVStore store; // null: dropped, and made again by the next use
    private Exchange exchange; // null: not initialised
    private Optimizer wanted; // what this trainer has last set in the store
    private boolean contradicted; // in its last step, by what another worker had set

    private TrainerStore(
            KVStore store,
            Supplier<KVStore> source,
            boolean updates,
            GradientCompression compression,
            List<TrainerParameter> parameters) {
        this.store = store;
        this.source = source;
        this.updates = updates;
        this.compression = compression;
        this.parameters = parameters;
        parameters.stream().filter(TrainerParameter::isRowSparse).forEach(p -> rowSparse.put(p.key(), p.value()));
    }

    /**
     * The store that a trainer of these parameters needs; null if it needs none.
     *
     * @param given null to make one of {@code type}
     * @param compression null if nothing was said: a given store's own stays
     * @throws KVStoreException if the type is unknown, or the store cannot do what is asked
     */
    static TrainerStore of(
            KVStore given,
            String type,
            Boolean updateOnStore,
            GradientCompression compression,
            List<TrainerParameter> parameters) {
        UpdateOnStore update = UpdateOnStore.of(updateOnStore, parameters);
        if (given != null) {
            return new TrainerStore(given, null, update.in(given, false), compression, parameters);
        }
        int devices = parameters.get(0).devices();
        KVStoreBuilder builder = KVStore.builder().type(type).devices(devices);
        builder.provider(builder.chosenProvider()); // an unknown type is refused even where it would not be used
        if (devices == 1 && !builder.isDistributed() && !update.needsStore()) {
            return null;
        }
        KVStore made = builder.build();
        try {
            return new TrainerStore(made, builder::build, update.in(made, true), compression, parameters);
        } catch (KVStoreException e) {
            made.close();
            throw e;
        }
    }

    Optional<KVStore> store() {
        return Optional.ofNullable(store);
    }

    /** Whether the optimizer runs in the store; else its keys hold sums of gradients. */
    boolean updates() {
        return updates;
    }

    /**
     * Creates the keys and copies the first replicas to the other ones; the second time nothing happens. Compression and
     * optimizer come first, so that no push meets a key without them.
     *
     * @param scaled whether the optimizer's {@code rescale_grad} is for a step's batch size, and not what there is without one
     */
    void initialise(Optimizer optimizer, boolean scaled) {
        if (exchange != null) {
            return;
        }
        if (store == null) {
            store = source.get();
        }
        if (compression != null) {
            store.setGradientCompression(compression);
        }
        if (updates) {
            wanted = inForce(optimizer, scaled);
        } else if (store.isCapable("optimizer")) {
            store.setUpdater(null); // what the store was used for before must not be applied to the sums
        }
        store.broadcast(
                parameters.stream().map(TrainerParameter::key).toList(),
                parameters.stream().map(this::initialValue).toList(),
                parameters.stream().map(this::initialOuts).toList());
        if (!updates) {
            parameters.stream()
                    .filter(TrainerParameter::hasRowSparseGradient)
                    .forEach(p -> p.write(p.replicas().get(0)));
        }
        rowSparse.clear();
        exchange = new Exchange(store, parameters);
    }

    /**
     * Sets the optimizer, unless a worker that came earlier has, and this one has no scale of its own yet: the earlier one may
     * be some steps on. Returns the optimizer that is in force then.
     */
    private Optimizer inForce(Optimizer optimizer, boolean scaled) {
        if (!scaled && UpdateOnStore.isDistributed(store)) {
            Optimizer earlier = store.optimizer().orElse(null);
            if (earlier != null && isRescaled(earlier, optimizer)) {
                return earlier;
            }
        }
        store.setOptimizer(optimizer);
        return optimizer;
    }

    private static boolean isRescaled(Optimizer earlier, Optimizer optimizer) {
        return earlier.toBuilder().rescaleGrad(optimizer.rescaleGrad()).build().equals(optimizer);
    }

    /** The traffic of an initialised store. */
    Exchange exchange() {
        return exchange;
    }

    /** A key for sums of row-sparse gradients is row-sparse, so that only their rows travel. */
    private Object initialValue(TrainerParameter parameter) {
        if (parameter.isRowSparse()) {
            return rowSparse.get(parameter.key());
        }
        INDArray first = parameter.replicas().get(0);
        return parameter.hasRowSparseGradient() && !updates
                ? RowSparse.zeros(first.dataType(), parameter.shape().toArray())
                : first;
    }

    private List<?> initialOuts(TrainerParameter parameter) {
        Object value = initialValue(parameter);
        return value instanceof RowSparse ? List.of(value) : parameter.replicas(); // a row-sparse one is passed over
    }

    /**
     * Goes on with other settings of the optimizer that runs in the store, if it runs already. The same as before are not set
     * again: meanwhile another worker may have set what is to hold for all.
     */
    void adjust(Optimizer optimizer) {
        if (exchange != null && !optimizer.equals(wanted)) {
            store.adjustOptimizer(now -> optimizer.toBuilder());
            wanted = optimizer;
        }
    }

    /**
     * Before a step: sees to it that workers with different batch sizes do not go on overwriting each other's
     * {@code rescale_grad}. Those that change it one after the other differ for a moment, so the first time is only logged;
     * and without rounds, where they are never at the same step, so is every time.
     *
     * @throws KVStoreException if in two steps in a row it is another than this trainer's
     */
    void requireAgreement(String operation) {
        if (exchange == null || !UpdateOnStore.isDistributed(store)) {
            return;
        }
        double mine = wanted.rescaleGrad();
        double theirs = store.optimizer().map(Optimizer::rescaleGrad).orElse(mine);
        boolean again = contradicted;
        contradicted = theirs != mine;
        if (!contradicted) {
            return;
        }
        String why =
                operation + " with a batch size that makes rescale_grad " + mine + ", where another worker has set "
                        + theirs
                        + "; the store has one for the sum of all workers' gradients. Give every worker's step the same"
                        + " batch size, or divide the gradients by their rows and give 1";
        if (again && !store.type().contains("async")) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, why);
        }
        log.warn(why);
    }

    /** Writes the states, and the optimizer, of an initialised store. */
    void save(Path file) {
        store.saveOptimizerStates(file, true);
    }

    /** Takes up the states of a file, and its optimizer if it has one; returns the one in force then. */
    Optimizer load(Path file) {
        store.loadOptimizerStates(file);
        wanted = store.optimizer().orElseThrow();
        return wanted;
    }

    /** Rows of a row-sparse weight. */
    RowSparse rows(TrainerParameter parameter, long[] ids) {
        return store.rowSparsePull(List.of(parameter.key()), List.of(ids), -parameter.index())
                .get(0);
    }

    /** Sets a row-sparse weight of a store that was dropped. */
    void set(TrainerParameter parameter, RowSparse value) {
        rowSparse.put(parameter.key(), value);
    }

    /**
     * Takes the keys out of the store, or ends it if it is the trainer's own; keeps row-sparse weights for the next use.
     *
     * @throws KVStoreException if the store cannot do so; what it has is as it was
     */
    void drop() {
        if (store != null && UpdateOnStore.isDistributed(store)) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED,
                    "a distributed store cannot be reset: its keys are other workers' as well; end the training and start"
                            + " it anew");
        }
        if (exchange != null) {
            keepRowSparse();
        }
        if (exchange != null && source == null) {
            deleteKeys();
        }
        close();
    }

    private void keepRowSparse() {
        for (TrainerParameter parameter : parameters) {
            if (parameter.isRowSparse() && store.info(parameter.key()).isPresent()) {
                rowSparse.put(parameter.key(), RowSparse.fromDense(store.pull(parameter.key())));
            }
        }
    }

    private void deleteKeys() {
        for (TrainerParameter parameter : parameters) {
            if (store.info(parameter.key()).isPresent()) {
                store.delete(parameter.key());
            }
        }
    }

    /** Ends the store if it is the trainer's own. */
    void close() {
        if (exchange != null) {
            exchange.close();
            exchange = null;
        }
        if (source != null && store != null) {
            KVStore ended = store;
            store = null;
            ended.close();
        }
    }
}
