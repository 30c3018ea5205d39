package io.kvstore.cluster.session;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import java.util.ArrayList;
import java.util.List;

/**
 * One load over all its keys: when every part of every key has its states staged they are taken up; if any key is refused
 * or lost before that, by none.
 *
 * @param <N> a server node
 */
final class StatesLoad<N> {
    private final long number;
    private final List<LoadOperation<N>> operations = new ArrayList<>();
    private int staging;
    private boolean failed;

    /** @param number of the session's loads */
    StatesLoad(long number) {
        this.number = number;
    }

    long number() {
        return number;
    }

    /** Before any of them starts. */
    void add(LoadOperation<N> operation) {
        operations.add(operation);
        staging++;
    }

    /** Starts it on all keys, or refuses it if one of them does not exist. */
    void start() {
        for (LoadOperation<N> each : operations) {
            if (!each.line.exists()) {
                refused(new KeyReply.Refused(
                        each.line.key, 0, Reason.NOT_INITIALIZED, "load of a key that is not there any more"));
                return;
            }
        }
        operations.forEach(each -> each.line.add(each));
    }

    /** One more key is ready. */
    void staged() {
        staging--;
        if (staging == 0 && !failed) {
            operations.forEach(LoadOperation::adopt);
        }
    }

    /** A key cannot go on from its states. */
    void refused(KeyReply.Refused why) {
        if (!failed) {
            failed = true;
            List.copyOf(operations).forEach(each -> each.giveUp(why));
        }
    }

    /** A key went away, with its own reason. */
    void lost(Key key) {
        refused(new KeyReply.Refused(
                key,
                0,
                Reason.NOT_INITIALIZED,
                "the load ended before key " + key + " had its states; no key was changed"));
    }
}
