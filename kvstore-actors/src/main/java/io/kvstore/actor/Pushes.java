package io.kvstore.actor;

import io.kvstore.Reason;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * How the pushes to one part become commits: each by itself ({@link SinglePushes}), or those of all workers together
 * ({@link RoundPushes}). Not thread-safe.
 *
 * @param <R> where a reply goes
 */
interface Pushes<R> {

    /** The part, as its pushes use it. */
    interface Host<R> {
        /** Starts a commit. The gradients are its to release, and every contributor is answered with its outcome. */
        void commit(KeyRecord record, List<Tensor> gradients, List<Contribution<R>> contributors, KeyConfig config);

        /** The version that is being committed, or else the present one. */
        long closing(KeyRecord record);

        /** Makes the next version of the same value; every contributor is answered. */
        void closeUnchanged(KeyRecord record, List<Contribution<R>> contributors);

        /** Refuses a push for good, and remembers that. */
        void refuse(KeyRecord record, Origin origin, R to, Reason reason, String message);

        /** Refuses a push that may be sent again. */
        void refuseForNow(R to, Reason reason, String message);

        /** A push came again: its outcome goes to {@code later}. */
        void replaced(R earlier, R later);

        /** The configuration in force, or if that is later the one of {@code version}; null if it is not known here. */
        KeyConfig config(long version);
    }

    /** A push that is new and whose gradients fit; they are this object's to release. */
    void push(KeyRecord record, Contribution<R> push);

    /** A push that is new, and whose gradients do not fit; released already. */
    void pushUnfit(KeyRecord record, Contribution<R> push, Reason reason, String message);

    /** Whether an undecided push is here; if so its outcome goes to {@code to}. */
    boolean holds(Origin origin, R to);

    /** Something changed: closes what can be closed. */
    void advance(KeyRecord record);

    /** Lets go of everything, because this state will not be used any more: refuses what is held. */
    void abandon(Reason reason, String message);
}
