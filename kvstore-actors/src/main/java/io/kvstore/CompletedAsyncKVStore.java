package io.kvstore;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The asynchronous side of a store that has blocking operations only: each is done when its call returns, and what it
 * throws is thrown by the call.
 */
final class CompletedAsyncKVStore implements AsyncKVStore {
    private final KVStore store;

    CompletedAsyncKVStore(KVStore store) {
        this.store = store;
    }

    @Override
    public AsyncKVStore handingOver() {
        return this;
    }

    @Override
    public CompletionStage<Void> init(List<?> keys, List<?> values) {
        store.init(keys, values);
        return done();
    }

    @Override
    public CompletionStage<Void> push(List<?> keys, List<?> values, int priority) {
        store.push(keys, values, priority);
        return done();
    }

    @Override
    public CompletionStage<Void> pull(List<?> keys, List<?> outs, int priority, boolean ignoreSparse) {
        store.pull(keys, outs, priority, ignoreSparse);
        return done();
    }

    @Override
    public CompletionStage<List<INDArray>> pull(List<?> keys) {
        return CompletableFuture.completedFuture(store.pull(keys));
    }

    @Override
    public CompletionStage<List<RowSparse>> rowSparsePull(List<?> keys, List<?> rowIds, int priority) {
        return CompletableFuture.completedFuture(store.rowSparsePull(keys, rowIds, priority));
    }

    @Override
    public CompletionStage<Void> pushPull(List<?> keys, List<?> values, List<?> outs, int priority) {
        store.pushPull(keys, values, outs, priority);
        return done();
    }

    @Override
    public CompletionStage<Void> delete(Key key) {
        store.delete(key);
        return done();
    }

    @Override
    public CompletionStage<Void> flush() {
        store.flush();
        return done();
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
