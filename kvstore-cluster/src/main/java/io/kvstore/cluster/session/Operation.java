package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.tensor.DenseTensor;
import java.util.function.Supplier;

/**
 * One call on a key, over all its parts. It is done when every part has answered; it may outlive its call, which ends
 * earlier when no server answers.
 */
abstract class Operation<N> {
    static final long NO_CALL = -1;

    final KeyLine<N> line;
    final int priority;
    /** Requests without a final answer. */
    int open;
    /** The request that was sent last, and through it all before; or null. */
    PartRequest<N> last;

    private long call;

    Operation(KeyLine<N> line, long call, int priority) {
        this.line = line;
        this.call = call;
        this.priority = priority;
    }

    /** Whether this call waits for it. */
    final boolean isFor(long other) {
        return call == other;
    }

    /** As {@link Requests#send}, for one slice of its key. */
    final void request(int slice, Supplier<KeyCommand> command, Supplier<KeyCommand> probe) {
        line.session.requests().send(this, slice, command, probe);
    }

    final void sent(PartRequest<N> request) {
        request.before = last;
        last = request;
        open++;
    }

    final void dropRequests() {
        line.session.requests().drop(this);
    }

    /** The word for it in messages. */
    abstract String what();

    /** Sends its requests; called once, when it is the operation's turn. */
    abstract void start();

    /** A final answer of one part. */
    abstract void onReply(PartRequest<N> request, KeyReply reply);

    /** Whether it must be carried through even when nobody waits for it, because it has taken a seq. */
    boolean outlivesItsCall() {
        return false;
    }

    /** Whether it makes something of an answer that the key, or this life of it, is not there; else the key is lost. */
    boolean mayFindNothing() {
        return false;
    }

    /** Whether a request that was refused is sent again, as it has no caller to tell. */
    boolean takesNoRefusal() {
        return false;
    }

    /** Lets go of what it holds; nothing more will be sent or come. */
    void discard() {}

    /** Answers the call, if it has not ended, and ends the operation. */
    final void finish(KeyReply reply) {
        long waiting = call;
        call = NO_CALL;
        line.ended(this);
        if (waiting == NO_CALL) {
            reply.release();
        } else {
            line.session.outside().answer(waiting, reply);
        }
    }

    /** Gives the call a slice of its value, which begins at element {@code at}; false if it must be kept for it. */
    final boolean take(int at, DenseTensor piece) {
        return call != NO_CALL && line.session.outside().take(call, at, piece);
    }

    /** No server answers for a part that it waits for. */
    final void unreachable(String why) {
        line.unreachable(this, why);
    }

    /** Ends the call without an outcome; the operation may go on. */
    final void failCall(KVStoreException failure) {
        long waiting = call;
        call = NO_CALL;
        if (waiting != NO_CALL) {
            line.session.outside().fail(waiting, failure);
        }
        if (!outlivesItsCall()) {
            line.ended(this);
        }
    }

    /** Ends call and operation. */
    final void abort(KVStoreException failure) {
        long waiting = call;
        call = NO_CALL;
        line.ended(this);
        if (waiting != NO_CALL) {
            line.session.outside().fail(waiting, failure);
        }
    }
}
