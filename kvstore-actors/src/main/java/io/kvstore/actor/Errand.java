package io.kvstore.actor;

import io.kvstore.tensor.DeviceTensor;
import java.util.List;

/**
 * What a key's device does for those who read the key. Like a commit it is begun, and reported later by exactly one {@link
 * KeyEvent.ErrandDone} or {@link KeyEvent.ErrandFailed}; until then nothing else happens at the key.
 *
 * @param record the key, which is only read
 * @param outs to be filled, if that is the errand
 */
record Errand(KeyRecord record, Kind kind, List<DeviceTensor> outs) {

    enum Kind {
        /** A copy of the value in the memory of the host. */
        VALUE,
        /** A copy of the optimizer's states in the memory of the host. */
        STATES,
        /** The value into arrays on devices. */
        FILL
    }

    @Override
    public String toString() {
        return switch (kind) {
            case VALUE -> "its value is being copied from " + record.device;
            case STATES -> "its states are being copied from " + record.device;
            case FILL -> "its value is being copied into " + outs.size() + " arrays on devices";
        };
    }
}
