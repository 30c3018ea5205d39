package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.KeyInfo;
import io.kvstore.actor.Fit;
import io.kvstore.actor.KeyConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The optimizer's states on their way from a file to the keys: read and checked as a whole, then sent to all keys. */
final class LoadingStates {
    private final Session session;
    private final String operation;
    private final StatesFile file;

    /** Reads and checks everything, changes nothing. @throws KVStoreException if anything is wrong */
    LoadingStates(Session session, String operation, Path file) {
        this.session = session;
        this.operation = operation;
        KeyConfig config = session.config();
        KVStoreException problem = Fit.stateless(operation, config);
        if (problem != null) {
            throw problem;
        }
        List<KeyInfo> keys = session.allKeys().stream()
                .map(session::info)
                .flatMap(Optional::stream)
                .toList();
        this.file = StatesFile.read(operation, file, config.optimizer(), keys, session.pool());
    }

    /** Sets the optimizer, if the file has it, and hands every key its states. */
    List<Call> send() {
        if (file.optimizer().isPresent()) {
            try {
                session.setRule(file.optimizer().get(), null);
            } catch (RuntimeException | Error e) {
                file.release();
                throw e;
            }
        }
        return session.restore(operation, file.states());
    }

    /** All replies have come. @throws KVStoreException the first refusal, of a key that was changed meanwhile */
    void finish(List<Call> calls) {
        for (Call call : calls) {
            KVStoreException failure = Call.failureOf(call.reply().join());
            if (failure != null) {
                throw file.refused(failure.reason(), call.key(), failure.getMessage());
            }
        }
    }
}
