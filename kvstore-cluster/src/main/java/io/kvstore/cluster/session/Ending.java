package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.session.Call;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The end of a session, once it has come: calls that are open then fail, and so does what comes later, with the first reason
 * that was given for it. Any thread may use it.
 */
final class Ending {
    private final SerialCore core;
    private final OpenCalls calls;
    private final AtomicReference<String> first = new AtomicReference<>();

    Ending(SerialCore core, OpenCalls calls) {
        this.core = core;
        this.calls = calls;
    }

    /** Ends the session. */
    void because(String reason) {
        first.compareAndSet(null, reason);
        KVStoreException failure = new KVStoreException(Reason.CLOSED, "the session has ended: " + first.get());
        core.execute(logic -> logic.close(failure));
        calls.failAll(failure);
    }

    boolean hasCome() {
        return first.get() != null;
    }

    Optional<String> reason() {
        return Optional.ofNullable(first.get());
    }

    /** Fails a call if the session has ended. @return whether it did */
    boolean refuses(Call call) {
        String reason = first.get();
        if (reason == null) {
            return false;
        }
        calls.fail(
                call.id(),
                new KVStoreException(Reason.CLOSED, call.key(), call.what() + " on a store that has ended: " + reason));
        return true;
    }
}
