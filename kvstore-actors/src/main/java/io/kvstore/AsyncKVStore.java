package io.kvstore;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The operations of a {@link KVStore} as stages that complete when the operation has taken effect.
 *
 * <p>What can be known at the call is thrown by the call; a later failure completes the stage, and only the stage, with a
 * {@link KVStoreException}. As a blocking call, one that waits longer than {@code kvstore.explain-after} is explained in the
 * log, and ends with a {@link KVStoreTimeoutException} after {@code kvstore.patience}. Requests of one thread to one key keep their order. Stages complete on the store's
 * callback dispatcher; blocking calls on the store are refused there.
 *
 * <p>Pushed arrays are captured before the call returns, unless they are {@linkplain #handingOver() handed over}. An output
 * belongs to the store until its stage completes.
 */
public interface AsyncKVStore {

    /** See {@link KVStore#init(List, List)}. */
    CompletionStage<Void> init(List<?> keys, List<?> values);

    /** See {@link KVStore#push(List, List, int)}; completes when the pushes are applied. */
    CompletionStage<Void> push(List<?> keys, List<?> values, int priority);

    /** See {@link KVStore#pull(List, List, int, boolean)}; completes when the outputs are filled. */
    CompletionStage<Void> pull(List<?> keys, List<?> outs, int priority, boolean ignoreSparse);

    /** See {@link KVStore#pull(List)}. */
    CompletionStage<List<INDArray>> pull(List<?> keys);

    /** See {@link KVStore#pushPull(List, List, List, int)}. */
    CompletionStage<Void> pushPull(List<?> keys, List<?> values, List<?> outs, int priority);

    /** See {@link KVStore#rowSparsePull(List, List, int)}. */
    CompletionStage<List<RowSparse>> rowSparsePull(List<?> keys, List<?> rowIds, int priority);

    /** See {@link KVStore#delete(Key)}. */
    CompletionStage<Void> delete(Key key);

    /** See {@link KVStore#flush()}. */
    CompletionStage<Void> flush();

    /**
     * The same operations, but pushed arrays belong to the store until the stage completes: they are not captured by
     * the call, which returns at once even when the store holds as much as it may.
     */
    AsyncKVStore handingOver();

    /** As {@link #init(List, List)}. */
    default CompletionStage<Void> init(Key key, INDArray value) {
        return init(Forms.one(key), Forms.one(value));
    }

    /** As {@link #init(List, List)}. */
    default CompletionStage<Void> init(int key, INDArray value) {
        return init(Key.of(key), value);
    }

    /** As {@link #init(List, List)}. */
    default CompletionStage<Void> init(String key, INDArray value) {
        return init(Key.of(key), value);
    }

    /** As {@link #init(List, List)}. */
    default CompletionStage<Void> init(Map<String, ?> values) {
        return init(Forms.keys(values), Forms.values(values));
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(List<?> keys, List<?> values) {
        return push(keys, values, 0);
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(Map<String, ?> values) {
        return push(Forms.keys(values), Forms.values(values), 0);
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(Key key, INDArray value) {
        return push(Forms.one(key), Forms.one(value), 0);
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(int key, INDArray value) {
        return push(Key.of(key), value);
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(String key, INDArray value) {
        return push(Key.of(key), value);
    }

    /** As {@link #push(List, List, int)}, the per-device arrays summed. */
    default CompletionStage<Void> push(Key key, List<?> values) {
        return push(Forms.one(key), Forms.one(values), 0);
    }

    /** As {@link #push(List, List, int)}, the per-device arrays summed. */
    default CompletionStage<Void> push(int key, List<?> values) {
        return push(Key.of(key), values);
    }

    /** As {@link #push(List, List, int)}, the per-device arrays summed. */
    default CompletionStage<Void> push(String key, List<?> values) {
        return push(Key.of(key), values);
    }

    /** As {@link #pull(List)}. */
    default CompletionStage<INDArray> pull(Key key) {
        return pull(Forms.one(key)).thenApply(arrays -> arrays.get(0));
    }

    /** As {@link #pull(List)}. */
    default CompletionStage<INDArray> pull(int key) {
        return pull(Key.of(key));
    }

    /** As {@link #pull(List)}. */
    default CompletionStage<INDArray> pull(String key) {
        return pull(Key.of(key));
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(List<?> keys, List<?> outs) {
        return pull(keys, outs, 0, true);
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(Map<String, ?> outs) {
        return pull(Forms.keys(outs), Forms.values(outs), 0, true);
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(Key key, INDArray out) {
        return pull(Forms.one(key), Forms.one(out), 0, true);
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(int key, INDArray out) {
        return pull(Key.of(key), out);
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(String key, INDArray out) {
        return pull(Key.of(key), out);
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(Key key, List<?> outs) {
        return pull(Forms.one(key), Forms.one(outs), 0, true);
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(int key, List<?> outs) {
        return pull(Key.of(key), outs);
    }

    /** As {@link #pull(List, List, int, boolean)}. */
    default CompletionStage<Void> pull(String key, List<?> outs) {
        return pull(Key.of(key), outs);
    }

    /** As {@link #pushPull(List, List, List, int)}. */
    default CompletionStage<Void> pushPull(Key key, INDArray value, INDArray out) {
        return pushPull(Forms.one(key), Forms.one(value), Forms.one(out), 0);
    }

    /** As {@link #pushPull(List, List, List, int)}. */
    default CompletionStage<Void> pushPull(int key, INDArray value, INDArray out) {
        return pushPull(Key.of(key), value, out);
    }

    /** As {@link #pushPull(List, List, List, int)}. */
    default CompletionStage<Void> pushPull(String key, INDArray value, INDArray out) {
        return pushPull(Key.of(key), value, out);
    }

    /** As {@link #pushPull(List, List, List, int)}. */
    default CompletionStage<Void> pushPull(List<?> keys, List<?> values, List<?> outs) {
        return pushPull(keys, values, outs, 0);
    }

    /** As {@link #init(List, List)}. */
    default CompletionStage<Void> init(Key key, RowSparse value) {
        return init(Forms.one(key), Forms.one(value));
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(Key key, RowSparse value) {
        return push(Forms.one(key), Forms.one(value), 0);
    }

    /** As {@link #pushPull(List, List, List, int)}. */
    default CompletionStage<Void> pushPull(Key key, RowSparse value, INDArray out) {
        return pushPull(Forms.one(key), Forms.one(value), Forms.one(out), 0);
    }

    /** As {@link #init(List, List)}. */
    default CompletionStage<Void> init(int key, RowSparse value) {
        return init(Forms.one(Key.of(key)), Forms.one(value));
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(int key, RowSparse value) {
        return push(Forms.one(Key.of(key)), Forms.one(value), 0);
    }

    /** As {@link #pushPull(List, List, List, int)}. */
    default CompletionStage<Void> pushPull(int key, RowSparse value, INDArray out) {
        return pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** As {@link #init(List, List)}. */
    default CompletionStage<Void> init(String key, RowSparse value) {
        return init(Forms.one(Key.of(key)), Forms.one(value));
    }

    /** As {@link #push(List, List, int)}. */
    default CompletionStage<Void> push(String key, RowSparse value) {
        return push(Forms.one(Key.of(key)), Forms.one(value), 0);
    }

    /** As {@link #pushPull(List, List, List, int)}. */
    default CompletionStage<Void> pushPull(String key, RowSparse value, INDArray out) {
        return pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** As {@link #rowSparsePull(List, List, int)} at priority 0. */
    default CompletionStage<List<RowSparse>> rowSparsePull(List<?> keys, List<?> rowIds) {
        return rowSparsePull(keys, rowIds, 0);
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(Key key, long[] rowIds) {
        return Forms.only(rowSparsePull(Forms.one(key), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(Key key, int[] rowIds) {
        return Forms.only(rowSparsePull(Forms.one(key), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(Key key, INDArray rowIds) {
        return Forms.only(rowSparsePull(Forms.one(key), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}, for each device. */
    default CompletionStage<List<RowSparse>> rowSparsePull(Key key, List<?> rowIds) {
        return rowSparsePull(Forms.one(key), Forms.one(rowIds), 0);
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(int key, long[] rowIds) {
        return Forms.only(rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(int key, int[] rowIds) {
        return Forms.only(rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(int key, INDArray rowIds) {
        return Forms.only(rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}, for each device. */
    default CompletionStage<List<RowSparse>> rowSparsePull(int key, List<?> rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0);
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(String key, long[] rowIds) {
        return Forms.only(rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(String key, int[] rowIds) {
        return Forms.only(rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}. */
    default CompletionStage<RowSparse> rowSparsePull(String key, INDArray rowIds) {
        return Forms.only(rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0));
    }

    /** As {@link #rowSparsePull(List, List, int)}, for each device. */
    default CompletionStage<List<RowSparse>> rowSparsePull(String key, List<?> rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0);
    }
}
