package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.StoreThread;
import io.kvstore.compression.GradientCompression;
import io.kvstore.compression.Residuals;
import io.kvstore.tensor.Shape;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * What blocking and asynchronous calls have in common before anything is sent: the store is open, the caller may wait,
 * the arguments are right, and no earlier push to these keys has failed unseen.
 */
final class Requests {
    private final Session session;
    private final Deferred deferred;
    private final Budget budget;
    private final Patience patience;
    private final BooleanSupplier closed;
    private volatile Residuals residuals;

    Requests(Session session, Patience patience, Deferred deferred, BooleanSupplier closed) {
        this.session = session;
        this.patience = patience;
        this.deferred = deferred;
        this.budget = new Budget(session.settings().inFlightBytes());
        this.closed = closed;
        this.residuals = new Residuals(GradientCompression.none(), session.pool(), session.packer());
    }

    /** Packs later pushes so; what another compression has left is given up. */
    synchronized void compress(GradientCompression compression) {
        Residuals now = residuals;
        if (!now.compression().equals(compression)) {
            residuals = new Residuals(compression, session.pool(), session.packer());
            now.close();
        }
    }

    /** A deleted key has nothing left to send. */
    void forget(Key key) {
        residuals.forget(key);
    }

    Patience patience() {
        return patience;
    }

    Deferred deferred() {
        return deferred;
    }

    long inFlightBytes() {
        return budget.heldBytes();
    }

    void open(String operation) {
        if (closed.getAsBoolean()) {
            throw new KVStoreException(Reason.CLOSED, operation + " on a closed store");
        }
        session.ended().ifPresent(why -> {
            throw new KVStoreException(Reason.CLOSED, operation + " on a store that has ended: " + why);
        });
    }

    /** Refuses a call that may block on a thread of the store's own. */
    void blocking(String operation) {
        open(operation);
        if (StoreThread.isCurrent()) {
            throw wouldDeadlock(operation);
        }
    }

    static KVStoreException wouldDeadlock(String operation) {
        return new KVStoreException(
                Reason.WOULD_DEADLOCK,
                "a blocking " + operation
                        + " on one of the store's own threads (an updater or a callback) might wait for"
                        + " itself; use kv.async(), or another thread");
    }

    void notNull(String operation, String name, Object given) {
        if (given == null) {
            throw new KVStoreException(Reason.INVALID_ARGUMENT, operation + ": " + name + " must not be null");
        }
    }

    List<Key> keys(String operation, List<?> keys) {
        List<Key> parsed = Arguments.keys(operation, keys, session);
        deferred.throwOf(parsed);
        return parsed;
    }

    Initialising init(String operation, List<?> keys, List<?> values) {
        List<Key> parsed = Arguments.keys(operation, keys, session);
        Set<Key> unique = Arguments.unique(operation, parsed);
        Arguments.grouped(operation, parsed, "values", values);
        return new Initialising(session, operation, unique, values);
    }

    Pushing push(String operation, List<?> keys, List<?> values, boolean pull, int priority) {
        return new Pushing(
                session,
                budget,
                residuals,
                operation,
                pull,
                priority,
                Arguments.grouped(operation, keys(operation, keys), "values", values));
    }

    Pulling pull(String operation, List<?> keys, List<?> outs, boolean ignoreSparse) {
        return Pulling.into(
                session,
                operation,
                deferred,
                Arguments.grouped(operation, keys(operation, keys), "outs", outs),
                ignoreSparse);
    }

    PullingRows pullRows(String operation, List<?> keys, List<?> rowIds) {
        return new PullingRows(session, operation, deferred, keys(operation, keys), rowIds);
    }

    /** The outputs of a pushPull. */
    Pulling pullOfPush(String operation, List<?> keys, List<?> outs) {
        return Pulling.into(
                session, operation, null, Arguments.grouped(operation, keys(operation, keys), "outs", outs), true);
    }

    Pulling pullNew(String operation, List<Key> keys) {
        return Pulling.ofNew(session, operation, deferred, List.copyOf(new LinkedHashSet<>(keys)));
    }

    Pulling pullOfNew(String operation, List<?> keys, List<?> outs, Map<Key, Shape> shapes) {
        return Pulling.into(
                session, operation, Arguments.grouped(operation, keys(operation, keys), "outs", outs), shapes);
    }

    SavingStates save(String operation, Path file) {
        notNull(operation, "the file", file);
        deferred.throwOf(session.keys());
        return new SavingStates(session, operation, deferred, file);
    }

    LoadingStates load(String operation, Path file) {
        notNull(operation, "the file", file);
        deferred.throwOf(session.keys());
        return new LoadingStates(session, operation, file);
    }

    Call delete(Key key) {
        notNull("delete", "the key", key);
        List<Key> keys = keys("delete", List.of(key));
        Pulling.ofNew(session, "delete", null, keys);
        return session.send(key, "delete", KeyCommand.Delete::new);
    }
}
