package io.kvstore.actor;

import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * One change of a key that is complete and waits to be carried out: sum the gradients, apply the sum, make the next
 * version. Whoever carries it out reads the record, writes nothing visible, and reports {@code committed} or
 * {@code commitFailed} to the {@link KeyState}; until then no other commit of the key is under way.
 *
 * @param record the key, whose value and states it starts from
 * @param version the version it will make
 * @param gradients to be summed, and each released once it has been read
 * @param config how the sum is applied
 */
record Commit(KeyRecord record, long version, List<Tensor> gradients, KeyConfig config) {

    long bytes() {
        long bytes = 0;
        for (Tensor gradient : gradients) {
            bytes += gradient.bytes();
        }
        return bytes;
    }

    /** What requests that come meanwhile wait for. */
    @Override
    public String toString() {
        return "version " + version + " is being committed on " + record.device;
    }

    void releaseGradients() {
        gradients.forEach(Tensor::release);
    }

    /**
     * What a commit made, owned by the key from now on.
     *
     * @param value the new value; the old one itself, retained, if it was changed in place; null if only the device has it
     * @param rows which rows of the value may not be zero, if the key is row-sparse; else null
     * @param states the optimizer's states, new or as they were; none if only the device has them
     * @param updates the number of updates that the states have seen
     * @param deviceValue the new value on its device, retained; null if the host has it
     * @param deviceStates the states on their device, retained; null if the host has them
     */
    record Outcome(
            DenseTensor value,
            RowSet rows,
            List<DenseTensor> states,
            long updates,
            OnDevice deviceValue,
            OnDevice deviceStates) {

        /** Of a commit that was carried out on the host. */
        Outcome(DenseTensor value, RowSet rows, List<DenseTensor> states, long updates) {
            this(value, rows, states, updates, null, null);
        }
    }
}
