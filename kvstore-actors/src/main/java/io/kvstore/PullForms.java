package io.kvstore;

import java.util.List;
import java.util.Map;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code pull} in all its argument forms; each is a default over the list forms. */
interface PullForms {
    /**
     * Fills the outputs with the keys' values and returns when they are filled. A push by the same thread comes first.
     *
     * @param keys ints, Strings or Keys
     * @param outs for each key an {@code INDArray} or a list of them, of the key's shape; another numeric type is cast
     *     to. Every element must have its own place in memory
     * @param priority higher goes first where requests wait for each other; never changes a result
     * @param ignoreSparse whether a {@code RowSparse} among the outputs is passed over instead of refused; being
     *     immutable it can never be filled, {@code rowSparsePull} gives new ones
     * @throws KVStoreException if anything is wrong with an argument, or an earlier push to a key failed; then no
     *     output was written
     */
    void pull(List<?> keys, List<?> outs, int priority, boolean ignoreSparse);

    /** New arrays, the caller's own, with the keys' values. @throws KVStoreException as the form with outputs */
    List<INDArray> pull(List<?> keys);

    /** As {@link #pull(List, List, int, boolean)} at priority 0, passing over row-sparse outputs. */
    default void pull(List<?> keys, List<?> outs) {
        pull(keys, outs, 0, true);
    }

    /** As {@link #pull(List, List, int, boolean)}, passing over row-sparse outputs. */
    default void pull(List<?> keys, List<?> outs, int priority) {
        pull(keys, outs, priority, true);
    }

    /** Fills each entry's array with the value of the key of its name, as {@code kv.pull(net.paramTable())}. */
    default void pull(Map<String, ?> outs) {
        pull(Forms.keys(outs), Forms.values(outs), 0, true);
    }

    /** A new array, the caller's own, with the key's value. @throws KVStoreException as the list form */
    default INDArray pull(Key key) {
        return pull(Forms.one(key)).get(0);
    }

    /** Fills {@code out} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(Key key, INDArray out) {
        pull(Forms.one(key), Forms.one(out), 0, true);
    }

    /** Fills {@code out} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(Key key, INDArray out, int priority) {
        pull(Forms.one(key), Forms.one(out), priority, true);
    }

    /** Fills each of {@code outs} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(Key key, List<?> outs) {
        pull(Forms.one(key), Forms.one(outs), 0, true);
    }

    /** Fills each of {@code outs} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(Key key, List<?> outs, int priority) {
        pull(Forms.one(key), Forms.one(outs), priority, true);
    }

    /** A new array, the caller's own, with the key's value. @throws KVStoreException as the list form */
    default INDArray pull(int key) {
        return pull(Forms.one(Key.of(key))).get(0);
    }

    /** Fills {@code out} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(int key, INDArray out) {
        pull(Forms.one(Key.of(key)), Forms.one(out), 0, true);
    }

    /** Fills {@code out} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(int key, INDArray out, int priority) {
        pull(Forms.one(Key.of(key)), Forms.one(out), priority, true);
    }

    /** Fills each of {@code outs} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(int key, List<?> outs) {
        pull(Forms.one(Key.of(key)), Forms.one(outs), 0, true);
    }

    /** Fills each of {@code outs} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(int key, List<?> outs, int priority) {
        pull(Forms.one(Key.of(key)), Forms.one(outs), priority, true);
    }

    /** A new array, the caller's own, with the key's value. @throws KVStoreException as the list form */
    default INDArray pull(String key) {
        return pull(Forms.one(Key.of(key))).get(0);
    }

    /** Fills {@code out} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(String key, INDArray out) {
        pull(Forms.one(Key.of(key)), Forms.one(out), 0, true);
    }

    /** Fills {@code out} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(String key, INDArray out, int priority) {
        pull(Forms.one(Key.of(key)), Forms.one(out), priority, true);
    }

    /** Fills each of {@code outs} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(String key, List<?> outs) {
        pull(Forms.one(Key.of(key)), Forms.one(outs), 0, true);
    }

    /** Fills each of {@code outs} with the key's value; see {@link #pull(List, List, int, boolean)}. */
    default void pull(String key, List<?> outs, int priority) {
        pull(Forms.one(Key.of(key)), Forms.one(outs), priority, true);
    }
}
