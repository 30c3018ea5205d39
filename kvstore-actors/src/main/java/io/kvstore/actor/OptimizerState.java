package io.kvstore.actor;

import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.List;

/**
 * What an optimizer remembers of one key at one moment; its holder calls {@link #release} once.
 *
 * @param form what the states depend on besides the key
 * @param shape of the key's value, and of each state
 * @param dtype of the key's value
 * @param updates that the states have seen; after none there are no states, and the next update starts afresh
 * @param states leases of the types that {@link #types} has; they never change while held
 */
public record OptimizerState(StateForm form, Shape shape, DType dtype, long updates, List<DenseTensor> states) {

    /** The state of a key that has had no update. */
    public static OptimizerState fresh(StateForm form, Shape shape, DType dtype) {
        return new OptimizerState(form, shape, dtype, 0, List.of());
    }

    /** The types that the states must have. */
    public List<DType> types() {
        return updates == 0 ? List.of() : form.types(dtype);
    }

    /** Whether there are as many states as there must be, each of its type and shape. */
    boolean isComplete() {
        return updates >= 0
                && states.stream().map(DenseTensor::dtype).toList().equals(types())
                && states.stream().allMatch(state -> state.shape().equals(shape));
    }

    /** Bytes of the states. */
    public long bytes() {
        return states.stream().mapToLong(DenseTensor::bytes).sum();
    }

    public void release() {
        states.forEach(DenseTensor::release);
    }
}
