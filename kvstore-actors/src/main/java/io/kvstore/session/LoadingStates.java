package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.actor.Fit;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.OptimizerState;
import io.kvstore.files.StatesEntry;
import io.kvstore.files.StatesHead;
import io.kvstore.files.StatesReader;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.StateForm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The optimizer's states on their way from a file to the keys: read and checked as a whole, then sent to all keys. */
final class LoadingStates {
    private final Session session;
    private final String operation;
    private final Path file;
    private final Map<Key, OptimizerState> states = new TreeMap<>();
    private Optimizer dumped; // null if the file has none

    /** Reads and checks everything, changes nothing. @throws KVStoreException if anything is wrong */
    LoadingStates(Session session, String operation, Path file) {
        this.session = session;
        this.operation = operation;
        this.file = file;
        KVStoreException problem = Fit.stateless(operation, session.config());
        if (problem != null) {
            throw problem;
        }
        try (StatesReader reader = StatesReader.open(file)) {
            StateForm form = form(reader.head());
            for (int i = 0; i < reader.head().keys(); i++) {
                read(reader, form);
            }
            reader.end();
            for (Key key : session.keys()) {
                session.info(key).ifPresent(info -> states.putIfAbsent(key, fresh(form, info)));
            }
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    private static OptimizerState fresh(StateForm form, KeyInfo info) {
        return OptimizerState.fresh(form, info.shape(), info.dtype());
    }

    /** The form of the file's states, which is that of the optimizer that will be in force. */
    private StateForm form(StatesHead head) {
        dumped = head.optimizer().map(this::parsed).orElse(null);
        StateForm expected = (dumped != null ? dumped : session.config().optimizer()).stateForm();
        if (!head.form().equals(expected)) {
            throw refused(
                    dumped != null ? Reason.INVALID_FILE : Reason.STATE_MISMATCH,
                    null,
                    "expected states of " + expected
                            + (dumped != null ? ", the file's own optimizer" : ", the optimizer in force")
                            + ", given those of " + head.form());
        }
        return expected;
    }

    private Optimizer parsed(String json) {
        try {
            return Optimizer.fromJson(json);
        } catch (KVStoreException e) {
            throw refused(e.reason(), null, e.getMessage());
        }
    }

    private void read(StatesReader reader, StateForm form) {
        StatesEntry entry = reader.entry();
        Key key = entry.key();
        if (states.containsKey(key)) {
            throw refused(Reason.INVALID_FILE, key, "it has the key twice");
        }
        KeyInfo info = session.info(key)
                .orElseThrow(() -> refused(
                        Reason.NOT_INITIALIZED,
                        key,
                        "the store does not have the key; init it first, or load a file of this model"));
        KVStoreException problem = Fit.problem(operation, info, entry.shape(), entry.dtype());
        if (problem != null) {
            throw refused(problem.reason(), key, problem.getMessage());
        }
        states.put(
                key,
                new OptimizerState(
                        form, entry.shape(), entry.dtype(), entry.updates(), reader.states(entry, session.pool())));
    }

    private KVStoreException refused(Reason reason, Key key, String message) {
        return new KVStoreException(reason, key, "file " + file + ": " + message);
    }

    /** Sets the optimizer, if the file has it, and hands every key its states. */
    List<Call> send() {
        if (dumped != null) {
            try {
                session.setRule(dumped, null);
            } catch (RuntimeException | Error e) {
                release();
                throw e;
            }
        }
        List<Call> calls = new ArrayList<>(states.size());
        states.forEach((key, state) ->
                calls.add(session.send(key, operation, (id, replyTo) -> new KeyCommand.Restore(state, id, replyTo))));
        return calls;
    }

    private void release() {
        states.values().forEach(OptimizerState::release);
    }

    /** All replies have come. @throws KVStoreException the first refusal, of a key that was changed meanwhile */
    void finish(List<Call> calls) {
        for (Call call : calls) {
            KVStoreException failure = Call.failureOf(call.reply().join());
            if (failure != null) {
                throw refused(failure.reason(), call.key(), failure.getMessage());
            }
        }
    }
}
