package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.actor.Layout;
import io.kvstore.actor.OptimizerState;
import io.kvstore.actor.PartReply.Gathered;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What an optimizer remembers of a whole key, as its parts tell it piece by piece, in any order and with repeats. */
final class GatheredStates {
    private record Place(int state, int from) {}

    /** What one part has told of one moment. */
    private static final class Slice {
        private final Set<Place> places = new HashSet<>();
        private Gathered latest; // null: nothing yet; its piece was released
        private long elements;
        private boolean hasStates;
    }

    private final Layout layout;
    private final BufferPool pool;
    private final Slice[] slices;
    private final List<DenseTensor> states = new ArrayList<>(); // of the whole key; none before one is known
    private StateForm form;

    GatheredStates(Layout layout, BufferPool pool) {
        this.layout = layout;
        this.pool = pool;
        this.slices = new Slice[layout.slices()];
        for (int slice = 0; slice < slices.length; slice++) {
            startOver(slice);
        }
    }

    /** Forgets what a part has told. */
    void startOver(int slice) {
        slices[slice] = new Slice();
    }

    /** Takes a piece in, which is released. @return why it cannot be one of the key's, or null */
    KVStoreException add(int slice, Gathered piece) {
        try {
            return take(slice, piece);
        } catch (OutOfMemoryError e) {
            return new KVStoreException(Reason.OUT_OF_MEMORY, "save: not enough memory for the states");
        } finally {
            piece.release();
        }
    }

    private KVStoreException take(int slice, Gathered piece) {
        if (form == null) {
            form = piece.form();
        }
        if (!form.equals(piece.form())) {
            return new KVStoreException(
                    Reason.STATE_MISMATCH,
                    "save found states of " + piece.form() + " beside those of " + form
                            + ": the optimizer was replaced meanwhile; save again");
        }
        if (!fits(slice, piece)) {
            return new KVStoreException(
                    Reason.INTERNAL, "save was given " + piece + ", which is no piece of its states");
        }
        Slice own = slices[slice];
        if (own.latest == null || own.latest.number() != piece.number()) {
            startOver(slice); // another moment
            own = slices[slice];
        }
        own.latest = piece;
        if (piece.piece() != null && own.places.add(new Place(piece.state(), piece.from()))) {
            own.hasStates = true;
            own.elements += piece.piece().length();
            copy(slice, piece);
        }
        return null;
    }

    private boolean fits(int slice, Gathered piece) {
        List<DType> types = form.types(layout.dtype());
        return piece.piece() == null
                || piece.state() >= 0
                        && piece.state() < types.size()
                        && piece.piece().dtype() == types.get(piece.state())
                        && piece.from() >= 0
                        && piece.from() <= layout.length(slice) - piece.piece().length();
    }

    private void copy(int slice, Gathered piece) {
        if (states.isEmpty()) {
            for (DType type : form.types(layout.dtype())) {
                states.add(pool.take(type, layout.shape()));
            }
        }
        int at = Math.toIntExact(layout.from(slice) + piece.from());
        piece.piece()
                .read(0, states.get(piece.state()).data(), at, piece.piece().length());
    }

    /** Whether the last piece of a moment is here with all before it. */
    boolean isComplete(int slice) {
        Slice own = slices[slice];
        long expected = own.hasStates ? (long) form.types(layout.dtype()).size() * layout.length(slice) : 0;
        return own.elements == expected;
    }

    long version(int slice) {
        return slices[slice].latest.version();
    }

    /** The highest version of a slice. */
    long version() {
        long highest = 0;
        for (int slice = 0; slice < slices.length; slice++) {
            highest = Math.max(highest, version(slice));
        }
        return highest;
    }

    /** Whether no update has reached this slice and others have states. */
    boolean isMissing(int slice) {
        return !states.isEmpty() && !slices[slice].hasStates;
    }

    /** The states of the whole key, held once by the caller. */
    OptimizerState whole() {
        long updates = 0;
        for (Slice each : slices) {
            updates = Math.max(updates, each.latest.updates());
        }
        if (updates == 0) {
            release();
            return OptimizerState.fresh(form, layout.shape(), layout.dtype());
        }
        List<DenseTensor> whole = List.copyOf(states);
        states.clear();
        return new OptimizerState(form, layout.shape(), layout.dtype(), updates, whole);
    }

    void release() {
        states.forEach(DenseTensor::release);
        states.clear();
    }
}
