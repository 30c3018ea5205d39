package io.kvstore.actor;

import io.kvstore.tensor.DenseTensor;
import java.util.List;

/** Tensors that a key may only reach by errands, as those on a GPU are. */
record FarAway(List<DenseTensor> tensors) implements OnDevice {

    /** Sends away what a commit has made on the host. */
    static Commit.Outcome send(Commit.Outcome made, boolean states, KeyRecord record) {
        boolean sent = states && !made.states().isEmpty();
        if (sent && made.states() == record.states) {
            made.states().forEach(DenseTensor::retain);
        }
        return new Commit.Outcome(
                null,
                made.rows(),
                sent ? List.of() : made.states(),
                made.updates(),
                new FarAway(List.of(made.value())),
                sent ? new FarAway(made.states()) : made.deviceStates());
    }

    static List<DenseTensor> of(OnDevice held) {
        return ((FarAway) held).tensors;
    }

    @Override
    public OnDevice retain() {
        tensors.forEach(DenseTensor::retain);
        return this;
    }

    @Override
    public void release() {
        tensors.forEach(DenseTensor::release);
    }
}
