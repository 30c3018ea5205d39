package io.kvstore.actor;

import io.kvstore.tensor.DeviceTensor;
import java.util.List;

/**
 * What a key's device does for those who read the key. Like a commit it is begun, and reported later by exactly one {@link
 * KeyEvent.ErrandDone} or {@link KeyEvent.ErrandFailed}; until then nothing else happens at the key.
 *
 * @param record the key, which is only read
 * @param outs to be filled, if that is the errand
 * @param ids of the rows to be copied, ascending, none twice, if that is the errand; only read
 */
record Errand(KeyRecord record, Kind kind, List<DeviceTensor> outs, long[] ids) {
    private static final long[] NO_IDS = {};

    enum Kind {
        /** A copy of the value in the memory of the host. */
        VALUE,
        /** A copy of some rows of the value in the memory of the host. */
        ROWS,
        /** A copy of the optimizer's states in the memory of the host. */
        STATES,
        /** The value into arrays on devices. */
        FILL
    }

    static Errand value(KeyRecord record) {
        return new Errand(record, Kind.VALUE, List.of(), NO_IDS);
    }

    static Errand rows(KeyRecord record, long[] ids) {
        return new Errand(record, Kind.ROWS, List.of(), ids);
    }

    static Errand states(KeyRecord record) {
        return new Errand(record, Kind.STATES, List.of(), NO_IDS);
    }

    static Errand fill(KeyRecord record, List<DeviceTensor> outs) {
        return new Errand(record, Kind.FILL, outs, NO_IDS);
    }

    /** Whether what it brings is what the other would bring. */
    boolean serves(Errand other) {
        return kind == other.kind && (kind == Kind.VALUE || kind == Kind.STATES);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case VALUE -> "its value is being copied from " + record.device;
            case ROWS -> ids.length + " of its rows are being copied from " + record.device;
            case STATES -> "its states are being copied from " + record.device;
            case FILL -> "its value is being copied into " + outs.size() + " arrays on devices";
        };
    }
}
