package io.kvstore.actor;

import io.kvstore.Reason;
import java.util.List;

/** Each push makes a version by itself, in the order of arrival and, for each worker, of seqs. */
final class SinglePushes<R> implements Pushes<R> {
    private final Host<R> host;
    private final boolean needOptimizer;

    /** @param needOptimizer whether a push without an optimizer is refused, as that of another worker would be lost */
    SinglePushes(Host<R> host, boolean needOptimizer) {
        this.host = host;
        this.needOptimizer = needOptimizer;
    }

    @Override
    public void push(KeyRecord record, Contribution<R> push) {
        if (outOfOrder(record, push)) {
            push.release();
            return;
        }
        KeyConfig config = host.config(push.origin.config());
        if (config == null) {
            push.release();
            host.refuseForNow(push.to, Reason.BUSY, "configuration " + push.origin.config() + " is not here yet");
        } else if (needOptimizer && config.optimizer() == null) {
            push.release();
            host.refuse(
                    record,
                    push.origin,
                    push.to,
                    Reason.NO_OPTIMIZER,
                    "push to an asynchronous store that has no optimizer; call setOptimizer first");
        } else {
            host.commit(record, push.gradients, List.of(push), config);
        }
    }

    @Override
    public void pushUnfit(KeyRecord record, Contribution<R> push, Reason reason, String message) {
        if (!outOfOrder(record, push)) {
            host.refuse(record, push.origin, push.to, reason, message);
        }
    }

    private boolean outOfOrder(KeyRecord record, Contribution<R> push) {
        Origin origin = push.origin;
        if (origin.worker() == null) {
            return false;
        }
        long expected = record.decisions.last(origin.worker(), origin.incarnation()) + 1;
        if (origin.seq() == expected) {
            return false;
        }
        host.refuseForNow(
                push.to,
                Reason.OUT_OF_ORDER,
                "push " + origin.seq() + " of worker '" + origin.worker() + "', expected " + expected);
        return true;
    }

    @Override
    public boolean holds(Origin origin, R to) {
        return false;
    }

    @Override
    public void advance(KeyRecord record) {}

    @Override
    public void abandon(Reason reason, String message) {}
}
