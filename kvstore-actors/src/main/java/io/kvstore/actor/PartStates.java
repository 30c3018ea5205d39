package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseSlice;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an optimizer remembers of one part, on its way to a worker's file and back: in pieces, as it may be larger than a
 * frame. Without Akka; not thread-safe.
 *
 * <pre>
 *   save   Gather ──► Gathered, Gathered ..                    all of one moment
 *   load   Stage, Stage .. ──► Done each, nothing changed      until every part of every key has all
 *          EndLoad ──► Done, the states are those staged
 * </pre>
 *
 * @param <R> where a reply goes
 */
final class PartStates<R> {
    private static final Runnable NOTHING = () -> {};

    private final Part part;
    private final KeyState<R> key;
    private final KeyState.Effects<R> effects;
    private final Map<String, StagedStates> staged = new TreeMap<>();
    private long moments;

    PartStates(Part part, KeyState<R> key, KeyState.Effects<R> effects) {
        this.part = part;
        this.key = key;
        this.effects = effects;
    }

    void on(PartCommand command, R to) {
        if (command instanceof PartCommand.Gather gather) {
            key.read(gather.reading(), "save", to, () -> gather(gather, to));
        } else if (command instanceof PartCommand.Stage stage) {
            key.inTurn(to, () -> stage(stage, to), stage::release);
        } else if (command instanceof PartCommand.EndLoad end) {
            key.inTurn(to, () -> endLoad(end, to), NOTHING);
        }
    }

    private void gather(PartCommand.Gather gather, R to) {
        KVStoreException problem = unready("save", gather.reading().after());
        if (problem != null) {
            effects.refused(to, problem.reason(), problem.getMessage());
            return;
        }
        KeyRecord record = key.record();
        OptimizerState now = record.statesFor(key.config());
        if (now.updates() == 0 && gather.made()) {
            now = new OptimizerState(
                    now.form(),
                    now.shape(),
                    now.dtype(),
                    0,
                    OptimizerKernel.newStates(key.config().optimizer(), record.value, key.pool()));
        }
        try {
            pieces(record, now, gather.pieceBytes(), to);
        } finally {
            now.release();
        }
    }

    private void pieces(KeyRecord record, OptimizerState now, int pieceBytes, R to) {
        moments++;
        int states = now.states().size();
        if (states == 0) {
            effects.part(to, piece(record, now, 0, 0, null, true));
        }
        for (int state = 0; state < states; state++) {
            DenseTensor whole = now.states().get(state);
            int most = Math.max(1, pieceBytes / whole.dtype().bytes());
            int from = 0;
            do {
                int count = Math.min(most, whole.length() - from);
                boolean isLast = state == states - 1 && from + count == whole.length();
                effects.part(to, piece(record, now, state, from, new DenseSlice(whole, from, Shape.of(count)), isLast));
                from += count;
            } while (from < whole.length());
        }
    }

    private PartReply.Gathered piece(
            KeyRecord record, OptimizerState now, int state, int from, Dense piece, boolean isLast) {
        return new PartReply.Gathered(
                part.key(), 0, now.form(), record.version, now.updates(), moments, state, from, piece, isLast);
    }

    private void stage(PartCommand.Stage stage, R to) {
        KeyRecord record = key.recordOrRefuse(to, "load");
        if (record == null || key.repeats().staleOrGone(record, "load", stage.origin(), to)) {
            stage.release();
            return;
        }
        KVStoreException problem = unready("load", stage.origin());
        if (problem == null) {
            problem = StagedStates.problem(record, key.config(), stage);
        }
        if (problem != null) {
            stage.release();
            effects.refused(to, problem.reason(), problem.getMessage());
            return;
        }
        if (isHere(stage, record)) {
            effects.done(to, record.version);
        } else {
            effects.part(to, new PartReply.Unheld(part.key(), 0));
        }
    }

    /** Takes a piece in; or says, of one without data, whether it is here. */
    private boolean isHere(PartCommand.Stage stage, KeyRecord record) {
        String worker = stage.origin().worker();
        StagedStates own = staged.get(worker);
        boolean isNew = own == null || own.isBefore(stage.origin(), stage.load());
        if (isNew && stage.piece() == null) {
            return false;
        }
        if (isNew) {
            drop(worker);
            own = new StagedStates(stage, record, key.pool());
            staged.put(worker, own);
        }
        if (own.is(stage.origin(), stage.load())) {
            return own.take(stage);
        }
        stage.release(); // of a load that is over: nobody waits for it
        return true;
    }

    private void endLoad(PartCommand.EndLoad end, R to) {
        KeyRecord record = key.recordOrRefuse(to, "load");
        if (record == null || key.repeats().staleOrGone(record, "load", end.origin(), to)) {
            return;
        }
        StagedStates own = staged.get(end.origin().worker());
        boolean its = own != null && own.is(end.origin(), end.load());
        if (!end.adopt()) {
            if (its) {
                drop(end.origin().worker());
            }
            effects.done(to, record.version);
        } else if (its && own.isAdopted()) {
            effects.done(to, record.version);
        } else if (its && own.isComplete()) {
            if (!key.restore(record, own.adopt(record), to)) {
                staged.remove(end.origin().worker());
            }
        } else {
            effects.part(to, new PartReply.Unheld(part.key(), 0));
        }
    }

    /** Why states can be neither given nor taken now, or null. */
    private KVStoreException unready(String operation, Origin origin) {
        if (origin.config() > key.config().version()) {
            return new KVStoreException(
                    Reason.BUSY, "configuration " + origin.config() + " is not here yet; try again");
        }
        return Fit.stateless(operation, key.config());
    }

    /** What workers that are gone have staged, nobody will take up. */
    void membership(Membership next) {
        for (Iterator<Map.Entry<String, StagedStates>> all = staged.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, StagedStates> each = all.next();
            if (next.standing(each.getKey(), each.getValue().incarnation()) == Membership.Standing.CLOSED) {
                each.getValue().release();
                all.remove();
            }
        }
    }

    private void drop(String worker) {
        StagedStates before = staged.remove(worker);
        if (before != null) {
            before.release();
        }
    }

    /** Gives everything up. */
    void clear() {
        List.copyOf(staged.keySet()).forEach(this::drop);
    }
}
