package io.kvstore;

import io.kvstore.compression.GradientCompression;
import io.kvstore.optimizer.Optimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The store through which a {@link Trainer}'s devices meet: one key for each parameter.
 *
 * <p>All parameters' requests are under way at once, each with its own priority, and every call waits until none is.
 */
final class TrainerStore {
    private final Supplier<KVStore> source; // null: the store is the caller's
    private final boolean updates;
    private final GradientCompression compression; // null: nothing was said
    private final List<TrainerParameter> parameters;
    private List<INDArray> sums = List.of(); // made when first needed
    private KVStore store; // null: dropped, and made again by the next use
    private boolean initialised;

    private TrainerStore(
            KVStore store,
            Supplier<KVStore> source,
            boolean updates,
            GradientCompression compression,
            Collection<TrainerParameter> parameters) {
        this.store = store;
        this.source = source;
        this.updates = updates;
        this.compression = compression;
        this.parameters = List.copyOf(parameters);
    }

    /**
     * The store that a trainer of these parameters needs; null if it needs none.
     *
     * @param given null to make one of {@code type}
     * @param updateOnStore null if nothing was said
     * @param compression null if nothing was said: a given store's own stays
     * @throws KVStoreException if the type is unknown, or the store cannot do what is asked
     */
    static TrainerStore of(
            KVStore given,
            String type,
            Boolean updateOnStore,
            GradientCompression compression,
            Collection<TrainerParameter> parameters) {
        if (given != null) {
            return new TrainerStore(given, null, UpdateOnStore.decide(updateOnStore, given), compression, parameters);
        }
        int devices = parameters.iterator().next().replicas().size();
        KVStoreBuilder builder = KVStore.builder().type(type).devices(devices);
        KVStoreProvider provider =
                builder.chosenProvider(); // an unknown type is refused even where it would not be used
        if (devices == 1 && !builder.isDistributed() && !Boolean.TRUE.equals(updateOnStore)) {
            return null;
        }
        KVStore made = builder.provider(provider).build();
        try {
            boolean tooLarge = updateOnStore == null && UpdateOnStore.tooLarge(made, parameters);
            boolean updates = !tooLarge && UpdateOnStore.decide(updateOnStore, made);
            return new TrainerStore(made, builder::build, updates, compression, parameters);
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
     * Creates the keys with the first replicas' values and copies these to the other replicas; the second time nothing
     * happens. Compression and optimizer come first, so that no push meets a key without them.
     */
    void initialise(Optimizer optimizer) {
        if (initialised) {
            return;
        }
        if (store == null) {
            store = source.get();
        }
        if (compression != null) {
            store.setGradientCompression(compression);
        }
        if (updates) {
            store.setOptimizer(optimizer);
        } else if (store.isCapable("optimizer")) {
            store.setUpdater(null); // what the store was used for before must not be applied to the sums
        }
        store.broadcast(
                parameters.stream().map(TrainerParameter::key).toList(),
                parameters.stream().map(p -> p.replicas().get(0)).toList(),
                parameters.stream().map(TrainerParameter::replicas).toList());
        initialised = true;
    }

    /** Goes on with other settings of the optimizer that runs in the store, if it runs already. */
    void adjust(Optimizer optimizer) {
        if (initialised && !store.optimizer().equals(Optional.of(optimizer))) {
            store.adjustOptimizer(now -> optimizer.toBuilder());
        }
    }

    /** Writes the states, and the optimizer, of an initialised store. */
    void save(Path file) {
        store.saveOptimizerStates(file, true);
    }

    /** Takes up the states of a file, and its optimizer if it has one; returns the one in force then. */
    Optimizer load(Path file) {
        store.loadOptimizerStates(file);
        return store.optimizer().orElseThrow();
    }

    /** Pushes gradients, per parameter and device, to the optimizer and fills the replicas with the new weights. */
    void update(List<List<INDArray>> gradients) {
        forEach(p -> pushPull(p, gradients.get(p.index()), p.replicas()));
    }

    /** Replaces the gradients of all devices, of all workers, by their sum. */
    void allReduce(List<List<INDArray>> gradients) {
        forEach(p -> pushPull(p, gradients.get(p.index()), gradients.get(p.index())));
    }

    /** The sums over all devices, of all workers, per parameter; overwritten by the next call. */
    List<INDArray> sums(List<List<INDArray>> gradients) {
        if (sums.isEmpty()) {
            sums = parameters.stream().map(TrainerParameter::newArray).toList();
        }
        forEach(p -> pushPull(p, gradients.get(p.index()), List.of(sums.get(p.index()))));
        return sums;
    }

    private CompletionStage<Void> pushPull(TrainerParameter parameter, List<INDArray> values, List<INDArray> outs) {
        return store.async()
                .handingOver()
                .pushPull(List.of(parameter.key()), List.of(values), List.of(outs), -parameter.index());
    }

    /**
     * Sends a request for each parameter and waits for all, even when one fails or the thread is interrupted: the arrays
     * are lent until the store has answered.
     */
    private void forEach(Function<TrainerParameter, CompletionStage<Void>> request) {
        List<CompletableFuture<Void>> open = new ArrayList<>(parameters.size());
        for (TrainerParameter parameter : parameters) {
            try {
                open.add(request.apply(parameter).toCompletableFuture());
            } catch (KVStoreException e) {
                open.add(CompletableFuture.failedFuture(e));
                break;
            }
        }
        KVStoreException failure = null;
        for (CompletableFuture<Void> each : open) {
            try {
                each.join();
            } catch (CompletionException e) {
                failure = with(failure, e.getCause());
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static KVStoreException with(KVStoreException first, Throwable next) {
        if (first != null) {
            first.addSuppressed(next);
            return first;
        }
        return next instanceof KVStoreException known
                ? known
                : new KVStoreException(Reason.INTERNAL, null, "the request failed: " + next, next);
    }

    /**
     * Takes the keys out of the store, or ends it if it is the trainer's own.
     *
     * @throws KVStoreException if the store cannot do so; what it has is as it was
     */
    void drop() {
        if (store != null && UpdateOnStore.distributed(store)) {
            throw new KVStoreException(
                    Reason.UNSUPPORTED,
                    "a distributed store cannot be reset: its keys are other workers' as well; end the training and start"
                            + " it anew");
        }
        if (source == null && initialised) {
            for (TrainerParameter parameter : parameters) {
                if (store.info(parameter.key()).isPresent()) {
                    store.delete(parameter.key());
                }
            }
        }
        initialised = false;
        close();
    }

    /** Ends the store if it is the trainer's own. */
    void close() {
        sums.stream().filter(INDArray::closeable).forEach(INDArray::close);
        sums = List.of();
        if (source != null && store != null) {
            KVStore ended = store;
            store = null;
            ended.close();
        }
    }
}
