package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import java.util.ArrayList;
import java.util.List;

/**
 * A worker that comes later takes its place in a key's rounds: every part says which round it has open and closes none
 * until it is told the highest of them, from which on the worker takes part. So all parts of a key count it in from the
 * same round.
 */
final class Joining<N> extends Operation<N> {
    private final List<PartRequest<N>> waiting = new ArrayList<>();
    private final Origin origin;
    private int left;
    private long firstRound;
    private boolean attached;

    Joining(KeyLine<N> line) {
        super(line, NO_CALL, Integer.MAX_VALUE);
        this.origin = line.origin();
    }

    @Override
    String what() {
        return "join";
    }

    /** Sends {@code request} again once the worker has its place. */
    void then(PartRequest<N> request) {
        line.session.requests().pause(request);
        waiting.add(request);
    }

    List<PartRequest<N>> waiting() {
        return waiting;
    }

    /** Requests wait for it whether or not their own calls do. */
    @Override
    boolean outlivesItsCall() {
        return true;
    }

    @Override
    boolean takesNoRefusal() {
        return true;
    }

    @Override
    void start() {
        left = line.layout().slices();
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            request(slice, () -> new PartCommand.Attach(origin, 0, null), null);
        }
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        if (reply instanceof PartReply.Attached open) {
            firstRound = Math.max(firstRound, open.openRound());
        }
        if (--left > 0) {
            return;
        }
        if (attached) {
            dropRequests();
            line.joined();
            return;
        }
        attached = true;
        left = line.layout().slices();
        long from = firstRound;
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            request(slice, () -> new PartCommand.Join(origin, from, 0, null), null);
        }
    }
}
