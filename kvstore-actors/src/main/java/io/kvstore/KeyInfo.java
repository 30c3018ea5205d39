package io.kvstore;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;

/**
 * What is known of a key at one moment.
 *
 * @param key the key
 * @param shape the value's shape
 * @param dtype the value's element type
 * @param rowSparse whether the value was initialised row-sparse
 * @param version how many pushes were applied since the key was initialised
 * @param generation a number that is higher for each later creation of a key in this store
 * @param device where pushes are summed: {@code host}, or a device's name
 */
public record KeyInfo(
        Key key, Shape shape, DType dtype, boolean rowSparse, long version, long generation, String device) {

    /** Bytes of the value. */
    public long bytes() {
        return shape.length() * dtype.bytes();
    }
}
