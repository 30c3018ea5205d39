package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a commit and turns whatever it throws into an event, so that no commit stops an actor. */
final class CommitRun {
    private static final Logger log = LoggerFactory.getLogger(CommitRun.class);

    private CommitRun() {}

    static KeyEvent run(Function<Commit, Commit.Outcome> arithmetic, Commit commit) {
        try {
            return new KeyEvent.Committed(commit, arithmetic.apply(commit));
        } catch (KVStoreException e) {
            return new KeyEvent.CommitFailed(commit, e.reason(), e.getMessage());
        } catch (OutOfMemoryError e) {
            return new KeyEvent.CommitFailed(
                    commit,
                    Reason.OUT_OF_MEMORY,
                    "not enough memory to apply " + commit.bytes() + " bytes (" + e.getMessage()
                            + "); the value was kept");
        } catch (Throwable e) { // whatever it is, the key goes on
            log.error("key {}: commit of version {} failed", commit.record().key, commit.version(), e);
            return new KeyEvent.CommitFailed(commit, Reason.INTERNAL, "the commit failed: " + e);
        }
    }
}
