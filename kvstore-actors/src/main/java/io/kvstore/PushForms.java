package io.kvstore;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code push} in all its argument forms; each is a default over the list form. */
interface PushForms {
    /**
     * Merges gradients into keys: what is given for one key is summed, and the sum goes to the key's optimizer or
     * updater or, without one, becomes its value (it does not accumulate). Returns once the arrays are captured: the
     * caller may change them at once, and the store never refers to them again.
     *
     * @param keys ints, Strings or Keys; one given several times has all its values summed
     * @param values for each key an {@code INDArray} or {@code RowSparse}, or a list of them, one per device, of the
     *     key's shape and type. The sum of values that are all row-sparse is row-sparse, with every row that any of them
     *     gives; with a dense one among them it is dense. Without optimizer and updater the rows that a row-sparse sum does
     *     not give become zero; a lazy optimizer leaves them alone
     * @param priority higher goes first where requests wait for each other; never changes a result
     * @throws KVStoreException if anything is wrong with an argument; then nothing was pushed. A failure after the call
     *     (an updater that throws) is thrown once, by the next call on that key or by {@code flush}
     */
    void push(List<?> keys, List<?> values, int priority);

    /** As {@link #push(List, List, int)} at priority 0. */
    default void push(List<?> keys, List<?> values) {
        push(keys, values, 0);
    }

    /** Pushes an entry's array, or list of per-device arrays, to the key of its name; see {@link #push(List, List, int)}. */
    default void push(Map<String, ?> values) {
        push(Forms.keys(values), Forms.values(values), 0);
    }

    /** Pushes one array; see {@link #push(List, List, int)}. */
    default void push(Key key, INDArray value) {
        push(Forms.one(key), Forms.one(value), 0);
    }

    /** Pushes one array; see {@link #push(List, List, int)}. */
    default void push(Key key, INDArray value, int priority) {
        push(Forms.one(key), Forms.one(value), priority);
    }

    /** Pushes the sum of the per-device arrays; see {@link #push(List, List, int)}. */
    default void push(Key key, List<?> values) {
        push(Forms.one(key), Forms.one(values), 0);
    }

    /** Pushes the sum of the per-device arrays; see {@link #push(List, List, int)}. */
    default void push(Key key, List<?> values, int priority) {
        push(Forms.one(key), Forms.one(values), priority);
    }

    /** Pushes one array; see {@link #push(List, List, int)}. */
    default void push(int key, INDArray value) {
        push(Forms.one(Key.of(key)), Forms.one(value), 0);
    }

    /** Pushes one array; see {@link #push(List, List, int)}. */
    default void push(int key, INDArray value, int priority) {
        push(Forms.one(Key.of(key)), Forms.one(value), priority);
    }

    /** Pushes the sum of the per-device arrays; see {@link #push(List, List, int)}. */
    default void push(int key, List<?> values) {
        push(Forms.one(Key.of(key)), Forms.one(values), 0);
    }

    /** Pushes the sum of the per-device arrays; see {@link #push(List, List, int)}. */
    default void push(int key, List<?> values, int priority) {
        push(Forms.one(Key.of(key)), Forms.one(values), priority);
    }

    /** Pushes one array; see {@link #push(List, List, int)}. */
    default void push(String key, INDArray value) {
        push(Forms.one(Key.of(key)), Forms.one(value), 0);
    }

    /** Pushes one array; see {@link #push(List, List, int)}. */
    default void push(String key, INDArray value, int priority) {
        push(Forms.one(Key.of(key)), Forms.one(value), priority);
    }

    /** Pushes the sum of the per-device arrays; see {@link #push(List, List, int)}. */
    default void push(String key, List<?> values) {
        push(Forms.one(Key.of(key)), Forms.one(values), 0);
    }

    /** Pushes the sum of the per-device arrays; see {@link #push(List, List, int)}. */
    default void push(String key, List<?> values, int priority) {
        push(Forms.one(Key.of(key)), Forms.one(values), priority);
    }

    /** Pushes rows; see {@link #push(List, List, int)}. */
    default void push(Key key, RowSparse value) {
        push(Forms.one(key), Forms.one(value), 0);
    }

    /** Pushes rows; see {@link #push(List, List, int)}. */
    default void push(Key key, RowSparse value, int priority) {
        push(Forms.one(key), Forms.one(value), priority);
    }

    /** Pushes rows; see {@link #push(List, List, int)}. */
    default void push(int key, RowSparse value) {
        push(Forms.one(Key.of(key)), Forms.one(value), 0);
    }

    /** Pushes rows; see {@link #push(List, List, int)}. */
    default void push(int key, RowSparse value, int priority) {
        push(Forms.one(Key.of(key)), Forms.one(value), priority);
    }

    /** Pushes rows; see {@link #push(List, List, int)}. */
    default void push(String key, RowSparse value) {
        push(Forms.one(Key.of(key)), Forms.one(value), 0);
    }

    /** Pushes rows; see {@link #push(List, List, int)}. */
    default void push(String key, RowSparse value, int priority) {
        push(Forms.one(Key.of(key)), Forms.one(value), priority);
    }
}
