package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Origin;
import io.kvstore.actor.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;

/**
 * One key as a session sees it, and the order of its operations: pushes may follow each other, two at most without an
 * outcome; a read follows at once; the next push leaves after the read was answered; anything else goes alone.
 */
final class KeyLine<N> {
    static final int PUSHES_WITHOUT_OUTCOME = 2;

    final SessionContext<N> session;
    final Key key;
    private final Deque<Operation<N>> waiting = new ArrayDeque<>();
    private final List<Operation<N>> running = new ArrayList<>();

    private Layout layout; // null: not known to exist
    private long generation;
    private long seq;
    private long seenVersion;
    private Joining<N> joining;

    KeyLine(SessionContext<N> session, Key key) {
        this.session = session;
        this.key = key;
    }

    Layout layout() {
        return layout;
    }

    long generation() {
        return generation;
    }

    long seenVersion() {
        return seenVersion;
    }

    boolean exists() {
        return layout != null;
    }

    /** The life of the key that this worker knows to be over, or 0. */
    long lostGeneration() {
        return exists() ? 0 : generation;
    }

    /** The key was found or made. */
    void exists(Layout found, long inGeneration, long version) {
        if (inGeneration != generation) {
            generation = inGeneration;
            seq = 0;
            seenVersion = 0;
        }
        layout = found;
        saw(version);
        session.outside().known(key, layout, generation, seenVersion);
    }

    void saw(long version) {
        seenVersion = Math.max(seenVersion, version);
    }

    /** A new incarnation counts its pushes from 1. */
    void startOver() {
        seq = 0;
        stopJoining();
    }

    private void stopJoining() {
        if (joining != null) {
            session.requests().drop(joining);
            joining = null;
        }
    }

    /** The origin of the next push. */
    Origin nextPush() {
        seq++;
        return origin();
    }

    /** The session, with the seq of its last push. */
    Origin origin() {
        Self self = session.self();
        return new Origin(self.worker(), self.incarnation(), generation, seq, session.config());
    }

    Part part(int slice) {
        return new Part(key, slice);
    }

    void add(Operation<N> operation) {
        waiting.add(operation);
        advance();
    }

    /** Whether the call's turn has not come. */
    boolean waitsFor(long call) {
        return waiting.stream().anyMatch(operation -> operation.isFor(call));
    }

    /** Starts what may start. */
    void advance() {
        while (!waiting.isEmpty() && session.self() != null && mayStart(waiting.peek())) {
            Operation<N> next = waiting.remove();
            running.add(next);
            next.start();
        }
    }

    private boolean mayStart(Operation<N> next) {
        if (running.isEmpty()) {
            return true;
        }
        boolean reads = false;
        long oldest = seq + 1;
        for (Operation<N> each : running) {
            if (each instanceof PushOperation<N> push) {
                if (push.answersWithValue()) {
                    return false; // a read as well
                }
                oldest = Math.min(oldest, push.seq());
            } else if (each instanceof Reads) {
                reads = true;
            } else {
                return false;
            }
        }
        if (next instanceof PushOperation) { // parts remember the outcomes of the last few pushes only
            return !reads && seq + 1 - oldest < PUSHES_WITHOUT_OUTCOME;
        }
        return next instanceof Reads;
    }

    void ended(Operation<N> operation) {
        running.remove(operation);
        waiting.remove(operation);
        session.requests().drop(operation);
        operation.discard();
        advance();
    }

    /**
     * No server answers for a part of the key: the call that waits for it ends without an outcome, and so do those that wait
     * behind it. This worker may initialise the key anew; what has taken a seq is carried through without its call.
     */
    void unreachable(Operation<N> operation, String why) {
        session.outside().doubted(key);
        List<Operation<N>> all = new ArrayList<>(waiting);
        Collections.reverse(all); // so that the end of one does not start the next
        if (operation == joining) {
            all.addAll(running); // the rounds in which they take part
        } else if (running.contains(operation)) {
            all.add(operation);
        }
        for (Operation<N> each : all) {
            each.failCall(new KVStoreException(
                    Reason.SERVER_LOST,
                    key,
                    each.what() + ": " + why + "; the outcome is unknown. If the server is gone, so is the key:"
                            + " initialise it again"));
        }
    }

    /** The key, or this life of it, is gone: everything on it ends but inits that wait, which make it anew. */
    void lost(KVStoreException why) {
        List<Operation<N>> inits =
                waiting.stream().filter(InitOperation.class::isInstance).toList();
        waiting.removeAll(inits);
        forget();
        abortAll(why);
        waiting.addAll(inits);
        advance();
    }

    /** This life of the key is gone, and so shall be what is left of it. */
    void forget() {
        Layout had = layout;
        layout = null;
        stopJoining();
        session.outside().unknown(key);
        if (had != null) {
            new Forgetting<>(this, had.slices(), generation).start();
        }
    }

    /** The key was deleted: what waits ends, and nothing is left to forget. */
    void gone() {
        layout = null;
        session.outside().unknown(key);
        List<Operation<N>> none = List.copyOf(waiting);
        waiting.clear();
        none.forEach(each -> each.abort(notInitialized(each.what())));
    }

    /** What has been sent ends without an outcome; what waits may still go, under a new incarnation. */
    void fence(KVStoreException why) {
        session.outside().doubted(key); // another incarnation may initialise it again
        for (Operation<N> each : List.copyOf(running)) {
            each.abort(why);
        }
        startOver();
    }

    /** Ends everything with {@code why}. */
    void abortAll(KVStoreException why) {
        List<Operation<N>> all = new ArrayList<>(running);
        all.addAll(waiting);
        running.clear(); // first, so that the end of one does not start the next
        waiting.clear();
        all.forEach(each -> each.abort(why));
    }

    /** Takes a place in the key's rounds, and then sends {@code request} again. */
    void join(PartRequest<N> request) {
        if (joining == null) {
            joining = new Joining<>(this);
            joining.start();
        }
        joining.then(request);
    }

    void joined() {
        Joining<N> done = joining;
        joining = null;
        if (done != null) {
            done.waiting().forEach(session.requests()::sendAgain);
        }
    }

    KVStoreException notInitialized(String operation) {
        return new KVStoreException(
                Reason.NOT_INITIALIZED, key, operation + " of a key that was not initialised; init it first");
    }
}
