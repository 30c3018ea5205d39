package io.kvstore;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;

/** {@code rowSparsePull} in all its argument forms; each is a default over the list form. */
interface RowSparsePullForms {
    /**
     * Rows of row-sparse keys, in new values: one for each array of row ids, in the order given. A push by the same thread
     * comes first. Takes time by the rows asked for, not by the size of the key.
     *
     * @param keys ints, Strings or Keys, initialised with a {@code RowSparse}
     * @param rowIds for each key the ids of the rows wanted, or a list of such, one per device; or one for all keys. Ids
     *     are a {@code long[]}, an {@code int[]} or an {@code INDArray} of an integer type and any shape; in any order and
     *     with repeats, within the key's rows. None is allowed
     * @param priority higher goes first where requests wait for each other; never changes a result
     * @return values of the keys' shapes with exactly the rows asked for, sorted and unique; rows never set are zeros
     * @throws KVStoreException if anything is wrong with an argument: {@link Reason#STORAGE_MISMATCH} for a dense key,
     *     {@link Reason#OUT_OF_RANGE} for an id outside the key's rows; or an earlier push to a key failed
     */
    List<RowSparse> rowSparsePull(List<?> keys, List<?> rowIds, int priority);

    /** As {@link #rowSparsePull(List, List, int)} at priority 0. */
    default List<RowSparse> rowSparsePull(List<?> keys, List<?> rowIds) {
        return rowSparsePull(keys, rowIds, 0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(Key key, long[] rowIds) {
        return rowSparsePull(Forms.one(key), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(Key key, int[] rowIds) {
        return rowSparsePull(Forms.one(key), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(Key key, INDArray rowIds) {
        return rowSparsePull(Forms.one(key), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key for each device; see {@link #rowSparsePull(List, List, int)}. */
    default List<RowSparse> rowSparsePull(Key key, List<?> rowIds) {
        return rowSparsePull(Forms.one(key), Forms.one(rowIds), 0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(int key, long[] rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(int key, int[] rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(int key, INDArray rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key for each device; see {@link #rowSparsePull(List, List, int)}. */
    default List<RowSparse> rowSparsePull(int key, List<?> rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(String key, long[] rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(String key, int[] rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key; see {@link #rowSparsePull(List, List, int)}. */
    default RowSparse rowSparsePull(String key, INDArray rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0).get(0);
    }

    /** Some rows of a key for each device; see {@link #rowSparsePull(List, List, int)}. */
    default List<RowSparse> rowSparsePull(String key, List<?> rowIds) {
        return rowSparsePull(Forms.one(Key.of(key)), Forms.one(rowIds), 0);
    }
}
