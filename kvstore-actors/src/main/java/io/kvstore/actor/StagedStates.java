package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The states of one part that one load has brought so far, piece by piece. Not thread-safe. */
final class StagedStates {
    private record Place(int state, int from) {}

    private final long incarnation;
    private final long load;
    private final StateForm form;
    private final long updates;
    private final long elements;
    private final List<DenseTensor> states;
    private final Set<Place> here = new HashSet<>();
    private long elementsHere;
    private boolean adopted;

    /** @param first whose states they will be; it fits, and is still to be {@linkplain #take taken} */
    StagedStates(PartCommand.Stage first, KeyRecord record, BufferPool pool) {
        this.incarnation = first.origin().incarnation();
        this.load = first.load();
        this.form = first.form();
        this.updates = first.updates();
        List<DType> types = types(first, record);
        this.elements = types.size() * record.shape.length();
        this.states = new ArrayList<>(types.size());
        try {
            types.forEach(type -> states.add(pool.take(type, record.shape)));
        } catch (OutOfMemoryError e) {
            release();
            throw e;
        }
    }

    private static List<DType> types(PartCommand.Stage stage, KeyRecord record) {
        return stage.updates() == 0 ? List.of() : stage.form().types(record.dtype);
    }

    /** Why a piece cannot be one of the part's, or null if it can. */
    static KVStoreException problem(KeyRecord record, KeyConfig config, PartCommand.Stage stage) {
        if (!stage.form().equals(config.optimizer().stateForm())) {
            return new KVStoreException(
                    Reason.STATE_MISMATCH,
                    "load expects states of " + config.optimizer().stateForm() + ", given those of " + stage.form());
        }
        if (stage.piece() == null) {
            return null;
        }
        List<DType> types = types(stage, record);
        int count = stage.piece() instanceof Dense dense ? dense.length() : -1;
        boolean fits = types.isEmpty()
                ? stage.updates() == 0 && count == 0
                : stage.updates() >= 0
                        && stage.state() >= 0
                        && stage.state() < types.size()
                        && stage.piece().dtype() == types.get(stage.state())
                        && stage.from() >= 0
                        && count >= 0
                        && stage.from() <= record.shape.length() - count;
        return fits
                ? null
                : new KVStoreException(
                        Reason.STATE_MISMATCH,
                        "load expects, after " + stage.updates() + " updates, pieces of states of types " + types
                                + " and shape " + record.shape + ", given " + stage.piece() + " of state "
                                + stage.state() + " from element " + stage.from());
    }

    boolean is(Origin origin, long number) {
        return incarnation == origin.incarnation() && load == number;
    }

    boolean isBefore(Origin origin, long number) {
        return incarnation < origin.incarnation() || incarnation == origin.incarnation() && load < number;
    }

    long incarnation() {
        return incarnation;
    }

    /** Takes a piece in, which is released; or says, of one without data, whether it is here. */
    boolean take(PartCommand.Stage stage) {
        Place place = new Place(stage.state(), stage.from());
        if (stage.piece() == null) {
            return adopted || here.contains(place);
        }
        try {
            if (!adopted && stage.updates() == updates && here.add(place) && !states.isEmpty()) {
                Dense piece = (Dense) stage.piece();
                piece.read(0, states.get(stage.state()).data(), stage.from(), piece.length());
                elementsHere += piece.length();
            }
            return true;
        } finally {
            stage.release();
        }
    }

    boolean isComplete() {
        return !here.isEmpty() && elementsHere == elements;
    }

    boolean isAdopted() {
        return adopted;
    }

    /** The whole states, the caller's from now on. */
    OptimizerState adopt(KeyRecord record) {
        adopted = true;
        return new OptimizerState(form, record.shape, record.dtype, updates, states);
    }

    void release() {
        if (!adopted) {
            states.forEach(DenseTensor::release);
        }
    }
}
