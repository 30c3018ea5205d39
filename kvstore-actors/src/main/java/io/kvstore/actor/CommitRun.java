package io.kvstore.actor;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.profile.Profile;
import io.kvstore.profile.Recording;
import io.kvstore.profile.Span;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a commit, profiled, and turns whatever it throws into an event, so that no commit stops an actor. */
final class CommitRun {
    private static final Logger log = LoggerFactory.getLogger(CommitRun.class);

    private CommitRun() {}

    static KeyEvent run(Profile profile, Function<Commit, Commit.Outcome> arithmetic, Commit commit) {
        Recording recording = profile.active();
        if (recording == null) {
            return run(arithmetic, commit);
        }
        Span span = recording.begin("commit", commit.record().key, commit.bytes());
        KeyEvent event = run(arithmetic, commit);
        end(span, commit, event);
        return event;
    }

    /** {@code report}, after the commit, which begins now, was noted by the profiler. */
    static Consumer<KeyEvent> profiled(Profile profile, Commit commit, Consumer<KeyEvent> report) {
        Recording recording = profile.active();
        if (recording == null) {
            return report;
        }
        Span span = recording.begin("commit", commit.record().key, commit.bytes());
        return event -> {
            end(span, commit, event);
            report.accept(event);
        };
    }

    private static void end(Span span, Commit commit, KeyEvent event) {
        if (event instanceof KeyEvent.CommitFailed failed) {
            span.refused(failed.reason());
        } else {
            span.end(commit.version(), 0, commit.record().device);
        }
    }

    private static KeyEvent run(Function<Commit, Commit.Outcome> arithmetic, Commit commit) {
        try {
            return new KeyEvent.Committed(commit, arithmetic.apply(commit));
        } catch (Throwable e) { // whatever it is, the key goes on
            return failure(commit, e);
        }
    }

    /** The event for what a commit threw. */
    static KeyEvent.CommitFailed failure(Commit commit, Throwable e) {
        if (e instanceof KVStoreException known) {
            return new KeyEvent.CommitFailed(commit, known.reason(), known.getMessage());
        }
        if (e instanceof OutOfMemoryError) {
            return new KeyEvent.CommitFailed(
                    commit,
                    Reason.OUT_OF_MEMORY,
                    "not enough memory to apply " + commit.bytes() + " bytes (" + e.getMessage()
                            + "); the value was kept");
        }
        log.error("key {}: commit of version {} failed", commit.record().key, commit.version(), e);
        return new KeyEvent.CommitFailed(commit, Reason.INTERNAL, "the commit failed: " + e);
    }
}
