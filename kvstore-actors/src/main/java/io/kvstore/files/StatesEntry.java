package io.kvstore.files;

import io.kvstore.Key;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.List;

/**
 * What stands in a states file before the states of one key.
 *
 * @param key the key
 * @param shape of its value, and of each state
 * @param dtype of its value
 * @param updates that the states have seen
 * @param states the type of each
 */
public record StatesEntry(Key key, Shape shape, DType dtype, long updates, List<DType> states) {}
