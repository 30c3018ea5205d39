package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Fit;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyConfig;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.OptimizerState;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.StateForm;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The optimizer's states of all keys on their way into a file: asked for, leased, and written when all are there. */
final class SavingStates {
    private final Session session;
    private final String operation;
    private final Deferred deferred;
    private final Path file;
    private final KeyConfig config;

    /** @throws KVStoreException if there is no optimizer */
    SavingStates(Session session, String operation, Deferred deferred, Path file) {
        this.session = session;
        this.operation = operation;
        this.deferred = deferred;
        this.file = file;
        this.config = session.config();
        KVStoreException problem = Fit.stateless(operation, config);
        if (problem != null) {
            throw problem;
        }
    }

    List<Call> send() {
        return session.allKeys().stream()
                .filter(key -> session.info(key).isPresent())
                .map(key -> session.send(key, operation, KeyCommand.Snapshot::new))
                .toList();
    }

    /** All replies have come: writes them. @throws KVStoreException the first refusal, or what the file met with */
    void write(List<Call> calls, boolean dumpOptimizer) {
        List<KeyReply> replies = calls.stream().map(call -> call.reply().join()).toList();
        try {
            deferred.throwOf(session.keys()); // a push before this save may have failed while it waited
            writeFile(states(replies), dumpOptimizer);
        } finally {
            replies.forEach(KeyReply::release);
        }
    }

    private static List<KeyReply.States> states(List<KeyReply> replies) {
        List<KeyReply.States> states = new ArrayList<>(replies.size());
        for (KeyReply reply : replies) {
            if (reply instanceof KeyReply.States each) {
                states.add(each);
            } else {
                throw Call.failureOf(reply);
            }
        }
        return states;
    }

    private void writeFile(List<KeyReply.States> states, boolean dumpOptimizer) {
        Optimizer optimizer = newest(states).optimizer();
        StateForm form = optimizer.stateForm();
        for (KeyReply.States each : states) {
            if (!each.state().form().equals(form)) {
                throw new KVStoreException(
                        Reason.STATE_MISMATCH,
                        each.key(),
                        operation + " found states of " + each.state().form() + " beside those of " + form
                                + ": the optimizer was replaced meanwhile; save again");
            }
        }
        SortedMap<Key, OptimizerState> byKey = new TreeMap<>();
        states.forEach(each -> byKey.put(each.key(), each.state()));
        StatesFile.write(file, optimizer, dumpOptimizer, byKey);
    }

    /** The configuration that the last of the keys had reached. */
    private KeyConfig newest(List<KeyReply.States> states) {
        KeyConfig newest = config;
        for (KeyReply.States each : states) {
            if (each.config().version() > newest.version()) {
                newest = each.config();
            }
        }
        return newest;
    }
}
