package io.kvstore.actor;

import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import java.util.List;

/** What the store tells its keys: the outcomes of their commits, who their workers are, and that time has passed. */
sealed interface KeyEvent extends KeyMessage {

    /** The commit was carried out; {@code outcome} is the key's to publish. */
    record Committed(Commit commit, Commit.Outcome outcome) implements KeyEvent {}

    /** The commit was not carried out; value and state are as they were. */
    record CommitFailed(Commit commit, Reason reason, String message) implements KeyEvent {}

    /** The errand is done; {@code tensors} are the copies that it was to make, the key's. */
    record ErrandDone(Errand errand, List<DenseTensor> tensors) implements KeyEvent {}

    /** The errand is not done, and changed nothing. */
    record ErrandFailed(Errand errand, Reason reason, String message) implements KeyEvent {}

    /** The workers of the store changed. */
    record MembersChanged(Membership membership) implements KeyEvent {}

    /** Another configuration is in force. */
    record ConfigChanged(KeyConfig config) implements KeyEvent {}

    /** Time to stop, if there is still no value. */
    enum Unused implements KeyEvent {
        INSTANCE
    }

    /** Time to say again what other slices may not have heard. */
    enum Again implements KeyEvent {
        INSTANCE
    }
}
