package io.kvstore.optimizer;

import io.kvstore.tensor.DType;
import java.util.Collections;
import java.util.List;

/**
 * What an optimizer's states depend on: an optimizer can go on from the states that one of equal form has left, whatever
 * their other settings are.
 *
 * @param rule the rule's name
 * @param states the rule's own state tensors of each weight
 * @param multiPrecision whether 16-bit weights have a float32 master copy, which comes first
 */
public record StateForm(String rule, int states, boolean multiPrecision) {

    /** The types of the state tensors of a weight of type {@code dtype}, each of the weight's shape. */
    public List<DType> types(DType dtype) {
        return Tensors.mixed(multiPrecision, dtype)
                ? Collections.nCopies(states + 1, DType.FLOAT32)
                : Collections.nCopies(states, dtype);
    }

    @Override
    public String toString() {
        return rule + " with " + states + (states == 1 ? " state" : " states")
                + (multiPrecision ? " and multi_precision" : "");
    }
}
