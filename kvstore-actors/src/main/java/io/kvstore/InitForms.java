package io.kvstore;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** How keys come into being: {@code init} and {@code broadcast} in all their argument forms. */
interface InitForms {
    /**
     * Creates the keys with copies of the values, at version 0. All are created, or none.
     *
     * @param keys ints, Strings or Keys, none twice
     * @param values for each key one live {@code INDArray} or {@code RowSparse}, whose shape and type become the key's;
     *     with a {@code RowSparse} the key is row-sparse
     * @throws KVStoreException if a key exists, is given twice or is of the other kind, or a value cannot be stored
     */
    void init(List<?> keys, List<?> values);

    /** Creates one key with a copy of {@code value}, at version 0. @throws KVStoreException as the list form */
    default void init(Key key, INDArray value) {
        init(Forms.one(key), Forms.one(value));
    }

    /** Creates one key with a copy of {@code value}, at version 0. @throws KVStoreException as the list form */
    default void init(int key, INDArray value) {
        init(Forms.one(Key.of(key)), Forms.one(value));
    }

    /** Creates one key with a copy of {@code value}, at version 0. @throws KVStoreException as the list form */
    default void init(String key, INDArray value) {
        init(Forms.one(Key.of(key)), Forms.one(value));
    }

    /** Creates a row-sparse key with {@code value}, at version 0. @throws KVStoreException as the list form */
    default void init(Key key, RowSparse value) {
        init(Forms.one(key), Forms.one(value));
    }

    /** Creates a row-sparse key with {@code value}, at version 0. @throws KVStoreException as the list form */
    default void init(int key, RowSparse value) {
        init(Forms.one(Key.of(key)), Forms.one(value));
    }

    /** Creates a row-sparse key with {@code value}, at version 0. @throws KVStoreException as the list form */
    default void init(String key, RowSparse value) {
        init(Forms.one(Key.of(key)), Forms.one(value));
    }

    /** Creates a key for each entry, as {@code kv.init(net.paramTable())}. @throws KVStoreException as the list form */
    default void init(Map<String, ?> values) {
        init(Forms.keys(values), Forms.values(values));
    }

    /** {@link #init} and then {@code pull} into {@code out}. @throws KVStoreException as those two */
    default void broadcast(Key key, INDArray value, INDArray out) {
        broadcast(Forms.one(key), Forms.one(value), Forms.one(out), 0);
    }

    /** {@link #init} and then {@code pull} into each of {@code outs}. @throws KVStoreException as those two */
    default void broadcast(Key key, INDArray value, List<?> outs) {
        broadcast(Forms.one(key), Forms.one(value), Forms.one(outs), 0);
    }

    /** {@link #init} and then {@code pull} into {@code out}. @throws KVStoreException as those two */
    default void broadcast(int key, INDArray value, INDArray out) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** {@link #init} and then {@code pull} into each of {@code outs}. @throws KVStoreException as those two */
    default void broadcast(int key, INDArray value, List<?> outs) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(outs), 0);
    }

    /** {@link #init} and then {@code pull} into {@code out}. @throws KVStoreException as those two */
    default void broadcast(String key, INDArray value, INDArray out) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** {@link #init} and then {@code pull} into each of {@code outs}. @throws KVStoreException as those two */
    default void broadcast(String key, INDArray value, List<?> outs) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(outs), 0);
    }

    /** {@link #init} and then {@code pull} into {@code out}. @throws KVStoreException as those two */
    default void broadcast(Key key, RowSparse value, INDArray out) {
        broadcast(Forms.one(key), Forms.one(value), Forms.one(out), 0);
    }

    /** {@link #init} and then {@code pull} into each of {@code outs}. @throws KVStoreException as those two */
    default void broadcast(Key key, RowSparse value, List<?> outs) {
        broadcast(Forms.one(key), Forms.one(value), Forms.one(outs), 0);
    }

    /** {@link #init} and then {@code pull} into {@code out}. @throws KVStoreException as those two */
    default void broadcast(int key, RowSparse value, INDArray out) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** {@link #init} and then {@code pull} into each of {@code outs}. @throws KVStoreException as those two */
    default void broadcast(int key, RowSparse value, List<?> outs) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(outs), 0);
    }

    /** {@link #init} and then {@code pull} into {@code out}. @throws KVStoreException as those two */
    default void broadcast(String key, RowSparse value, INDArray out) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** {@link #init} and then {@code pull} into each of {@code outs}. @throws KVStoreException as those two */
    default void broadcast(String key, RowSparse value, List<?> outs) {
        broadcast(Forms.one(Key.of(key)), Forms.one(value), Forms.one(outs), 0);
    }

    /** {@link #init} of all keys and then {@code pull} into the outputs. @throws KVStoreException as those two */
    default void broadcast(List<?> keys, List<?> values, List<?> outs) {
        broadcast(keys, values, outs, 0);
    }

    /** {@link #init} of all keys and then {@code pull} into the outputs. @throws KVStoreException as those two */
    void broadcast(List<?> keys, List<?> values, List<?> outs, int priority);
}
