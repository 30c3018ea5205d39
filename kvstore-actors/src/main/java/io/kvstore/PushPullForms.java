package io.kvstore;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code pushPull} in all its argument forms; each is a default over the list form. */
interface PushPullForms {
    /**
     * Pushes and pulls in one step: each output gets its key's value right after this push was applied. If the call fails, outputs
     * may hold new values, in whole or in part: those of large arrays are filled while they are summed.
     *
     * @param keys as for push
     * @param values as for push
     * @param outs as for pull, row-sparse ones passed over; {@code null} to fill {@code values} themselves
     * @param priority as for push
     * @throws KVStoreException as push and pull; a failure to apply this push is thrown by this call
     */
    void pushPull(List<?> keys, List<?> values, List<?> outs, int priority);

    /** Pushes the values and then fills them; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(List<?> keys, List<?> values) {
        pushPull(keys, values, null, 0);
    }

    /** As {@link #pushPull(List, List, List, int)} at priority 0. */
    default void pushPull(List<?> keys, List<?> values, List<?> outs) {
        pushPull(keys, values, outs, 0);
    }

    /** Pushes and then fills {@code value}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, INDArray value) {
        pushPull(Forms.one(key), Forms.one(value), null, 0);
    }

    /** Pushes {@code value} and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, INDArray value, INDArray out) {
        pushPull(Forms.one(key), Forms.one(value), Forms.one(out), 0);
    }

    /** Pushes {@code value} and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, INDArray value, INDArray out, int priority) {
        pushPull(Forms.one(key), Forms.one(value), Forms.one(out), priority);
    }

    /** Pushes and then fills {@code values}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, List<?> values) {
        pushPull(Forms.one(key), Forms.one(values), null, 0);
    }

    /** Pushes {@code values} and fills {@code outs}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, List<?> values, List<?> outs) {
        pushPull(Forms.one(key), Forms.one(values), Forms.one(outs), 0);
    }

    /** Pushes {@code values} and fills {@code outs}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, List<?> values, List<?> outs, int priority) {
        pushPull(Forms.one(key), Forms.one(values), Forms.one(outs), priority);
    }

    /** Pushes and then fills {@code value}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, INDArray value) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), null, 0);
    }

    /** Pushes {@code value} and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, INDArray value, INDArray out) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** Pushes {@code value} and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, INDArray value, INDArray out, int priority) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), priority);
    }

    /** Pushes and then fills {@code values}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, List<?> values) {
        pushPull(Forms.one(Key.of(key)), Forms.one(values), null, 0);
    }

    /** Pushes {@code values} and fills {@code outs}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, List<?> values, List<?> outs) {
        pushPull(Forms.one(Key.of(key)), Forms.one(values), Forms.one(outs), 0);
    }

    /** Pushes {@code values} and fills {@code outs}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, List<?> values, List<?> outs, int priority) {
        pushPull(Forms.one(Key.of(key)), Forms.one(values), Forms.one(outs), priority);
    }

    /** Pushes and then fills {@code value}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, INDArray value) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), null, 0);
    }

    /** Pushes {@code value} and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, INDArray value, INDArray out) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** Pushes {@code value} and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, INDArray value, INDArray out, int priority) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), priority);
    }

    /** Pushes and then fills {@code values}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, List<?> values) {
        pushPull(Forms.one(Key.of(key)), Forms.one(values), null, 0);
    }

    /** Pushes {@code values} and fills {@code outs}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, List<?> values, List<?> outs) {
        pushPull(Forms.one(Key.of(key)), Forms.one(values), Forms.one(outs), 0);
    }

    /** Pushes {@code values} and fills {@code outs}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, List<?> values, List<?> outs, int priority) {
        pushPull(Forms.one(Key.of(key)), Forms.one(values), Forms.one(outs), priority);
    }

    /** Pushes rows and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, RowSparse value, INDArray out) {
        pushPull(Forms.one(key), Forms.one(value), Forms.one(out), 0);
    }

    /** Pushes rows and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(Key key, RowSparse value, INDArray out, int priority) {
        pushPull(Forms.one(key), Forms.one(value), Forms.one(out), priority);
    }

    /** Pushes rows and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, RowSparse value, INDArray out) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** Pushes rows and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(int key, RowSparse value, INDArray out, int priority) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), priority);
    }

    /** Pushes rows and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, RowSparse value, INDArray out) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), 0);
    }

    /** Pushes rows and fills {@code out}; see {@link #pushPull(List, List, List, int)}. */
    default void pushPull(String key, RowSparse value, INDArray out, int priority) {
        pushPull(Forms.one(Key.of(key)), Forms.one(value), Forms.one(out), priority);
    }
}
