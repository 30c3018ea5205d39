package io.kvstore.actor;

import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * The commit that is under way at one key, if any, and whoever waits for its outcome. Not thread-safe.
 *
 * @param <R> where a reply goes
 */
final class Committing<R> implements Pushes.Host<R> {
    private final KeyState<R> key;
    private final KeyState.Effects<R> effects;
    private Commit underway;
    private List<Contribution<R>> contributors = List.of();

    Committing(KeyState<R> key, KeyState.Effects<R> effects) {
        this.key = key;
        this.effects = effects;
    }

    boolean isUnderway() {
        return underway != null;
    }

    /** Whether the push is part of the commit; if so its outcome goes to {@code to}. */
    boolean holds(Origin origin, R to) {
        for (Contribution<R> each : contributors) {
            if (each.origin.isSamePush(origin)) {
                effects.replaced(each.to, to);
                each.to = to;
                return true;
            }
        }
        return false;
    }

    /** Whether one of its workers is alive. */
    boolean isAwaited(Membership membership) {
        for (Contribution<R> each : contributors) {
            if (membership.standing(each.origin.worker(), each.origin.incarnation()) == Membership.Standing.LIVE) {
                return true;
            }
        }
        return false;
    }

    /** The commit was carried out. A report about any other than that under way is ignored: its key was restarted meanwhile. */
    void committed(Commit commit, Commit.Outcome outcome) {
        KeyRecord record = commit.record();
        if (commit != underway) {
            discard(record, outcome);
            return;
        }
        record.take(outcome);
        record.config = commit.config();
        record.version = commit.version();
        record.publish();
        finish(record);
    }

    /** Nobody will publish it; states that the record still has are the record's. */
    private static void discard(KeyRecord record, Commit.Outcome outcome) {
        if (outcome.value() != null) {
            outcome.value().release();
        }
        if (outcome.states() != record.states) {
            outcome.states().forEach(DenseTensor::release);
        }
        KeyRecord.release(outcome.deviceValue());
        KeyRecord.release(outcome.deviceStates());
    }

    /** The commit was not carried out, and changed nothing. */
    void failed(Commit commit, Reason reason, String message) {
        if (commit != underway) {
            return;
        }
        KeyRecord record = commit.record();
        KeyReply.Refused refused = new KeyReply.Refused(record.key, 0, reason, message);
        contributors.forEach(each -> each.refused = refused);
        if (key.inRounds()) { // its round is over, or the slices of the key would drift apart
            record.version = commit.version();
            record.publish();
        }
        finish(record);
    }

    /** Forgets the commit, and refuses whoever waits for it. */
    void abandon(Reason reason, String message) {
        if (underway != null) {
            contributors.forEach(each -> effects.refused(each.to, reason, message));
            contributors = List.of();
            underway.record().waitingFor(null);
            underway = null;
        }
    }

    /** Tells every contributor, then lets go on what has waited. */
    private void finish(KeyRecord record) {
        List<Contribution<R>> told = contributors;
        record.waitingFor(null);
        underway = null;
        contributors = List.of();
        for (Contribution<R> each : told) {
            record.decisions.note(each.origin, record.version, each.refused);
        }
        for (Contribution<R> each : told) {
            key.repeats().answer(record, record.version, each.refused, each.pull, each.to);
        }
        key.advance(record);
    }

    // ---------------------------------------------------------------- what pushes ask for

    @Override
    public void commit(KeyRecord record, List<Tensor> gradients, List<Contribution<R>> by, KeyConfig config) {
        underway = new Commit(record, record.version + 1, gradients, config);
        contributors = by;
        record.waitingFor(underway);
        effects.commit(underway);
    }

    @Override
    public long closing(KeyRecord record) {
        return underway == null ? record.version : underway.version();
    }

    @Override
    public void closeUnchanged(KeyRecord record, List<Contribution<R>> by) {
        record.version++;
        record.publish();
        contributors = by;
        finish(record);
    }

    @Override
    public void refuse(KeyRecord record, Origin origin, R to, Reason reason, String message) {
        record.decisions.note(origin, record.version, new KeyReply.Refused(record.key, 0, reason, message));
        effects.refused(to, reason, message);
    }

    @Override
    public void refuseForNow(R to, Reason reason, String message) {
        effects.refused(to, reason, message);
    }

    @Override
    public void replaced(R earlier, R later) {
        effects.replaced(earlier, later);
    }

    @Override
    public KeyConfig config(long version) {
        if (key.inRounds()) {
            return effects.config(version); // that very one, so that all slices switch in the same round
        }
        return version <= key.config().version() ? key.config() : effects.config(version);
    }
}
