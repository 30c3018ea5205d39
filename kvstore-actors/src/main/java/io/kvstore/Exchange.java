package io.kvstore;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a {@link Trainer}'s devices tell a store in a step: a request for each parameter, in their order, each with its own
 * priority, all under way at once.
 *
 * <p>Every method waits for all its requests, even when one fails or the thread is interrupted: their arrays are lent until
 * the store has answered, or has given up as a stage does when patience ends. It throws the first failure, with others attached as suppressed.
 */
final class Exchange {
    private final AsyncKVStore store;
    private final List<TrainerParameter> parameters;
    private final Map<Key, INDArray> sums = new HashMap<>(); // made when first needed

    Exchange(KVStore store, List<TrainerParameter> parameters) {
        this.store = store.async().handingOver();
        this.parameters = parameters;
    }

    /** Pushes gradients, per parameter and device, to the optimizer and fills the replicas with the new weights. */
    void update(List<List<Object>> gradients) {
        all(p -> p.isRowSparse()
                ? push(p, gradients.get(p.index()))
                : pushPull(p, gradients.get(p.index()), p.replicas()));
    }

    /**
     * Replaces the dense gradients of all devices, of all workers, by their sum.
     *
     * @return these, and instead of row-sparse ones, which cannot be written, new sums
     */
    List<List<Object>> allReduce(List<List<Object>> gradients) {
        Map<Key, RowSparse> rows = new ConcurrentHashMap<>();
        all(p -> {
            List<Object> mine = gradients.get(p.index());
            return p.hasRowSparseGradient() ? sumRows(p, mine, rows) : pushPull(p, mine, mine);
        });
        return parameters.stream()
                .map(p -> p.hasRowSparseGradient()
                        ? Collections.<Object>nCopies(p.devices(), rows.get(p.key()))
                        : gradients.get(p.index()))
                .toList();
    }

    /** The sums over all devices, of all workers, one per parameter; dense ones are overwritten by the next call. */
    List<List<Object>> sums(List<List<Object>> gradients) {
        Map<Key, RowSparse> rows = new ConcurrentHashMap<>();
        all(p -> {
            List<Object> mine = gradients.get(p.index());
            return p.hasRowSparseGradient() ? sumRows(p, mine, rows) : pushPull(p, mine, List.of(sum(p)));
        });
        return parameters.stream()
                .map(p -> List.<Object>of(p.hasRowSparseGradient() ? rows.get(p.key()) : sum(p)))
                .toList();
    }

    private INDArray sum(TrainerParameter parameter) {
        return sums.computeIfAbsent(parameter.key(), key -> parameter.newArray());
    }

    private CompletionStage<Void> push(TrainerParameter parameter, List<?> values) {
        return store.push(List.of(parameter.key()), List.of(values), -parameter.index());
    }

    private CompletionStage<Void> pushPull(TrainerParameter parameter, List<?> values, List<?> outs) {
        return store.pushPull(List.of(parameter.key()), List.of(values), List.of(outs), -parameter.index());
    }

    /** Pushes rows and then pulls those that any device gave. */
    private CompletionStage<?> sumRows(TrainerParameter parameter, List<Object> values, Map<Key, RowSparse> into) {
        long[] ids = values.stream()
                .flatMapToLong(value -> LongStream.of(((RowSparse) value).ids()))
                .toArray();
        CompletionStage<Void> pushed = push(parameter, values);
        return store.rowSparsePull(List.of(parameter.key()), List.of(ids), -parameter.index())
                .thenCombine(pushed, (pulled, done) -> into.put(parameter.key(), pulled.get(0)));
    }

    private void all(Function<TrainerParameter, CompletionStage<?>> request) {
        List<CompletableFuture<?>> open = new ArrayList<>(parameters.size());
        for (TrainerParameter parameter : parameters) {
            try {
                open.add(request.apply(parameter).toCompletableFuture());
            } catch (KVStoreException e) {
                open.add(CompletableFuture.failedFuture(e));
                break;
            }
        }
        KVStoreException failure = null;
        for (CompletableFuture<?> each : open) {
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

    /** Gives the sums' memory back. */
    void close() {
        sums.values().stream().filter(INDArray::closeable).forEach(INDArray::close);
        sums.clear();
    }
}
