package io.kvstore.cluster.session;

import io.kvstore.Reason;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Layout;
import io.kvstore.actor.Origin;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.PartReply;
import io.kvstore.actor.Seat;
import java.util.List;

/**
 * A key's creation as one worker takes part in it.
 *
 * <p>A worker that knows the key, and has reason to doubt that it is still there, asks all its parts first: a head does not
 * know of slices that were lost, and would take the init for a second one.
 *
 * <pre>
 *   known         Describe to each slice ──► all there: Announce, which the head may refuse
 *                                        └─► one is not: Forget to each slice, Announce
 *   lowest rank   Announce(value of the head) ──► Published                           a key of one slice
 *                 Announce(value of the head) ──► Give(generation) ──► Load to each other slice ──► Publish ──► Published
 *   the others    Announce ──► Published, or Give(0) if their value is wanted after all
 * </pre>
 */
final class InitOperation<N> extends Operation<N> {
    private final Layout layout;
    private final Payload payload;
    private final long number;
    private boolean asking;
    private int left;
    private long loading;
    private KeyReply.Refused already;

    /** @param number of the session's inits, by which a repeat is told from a second init */
    InitOperation(KeyLine<N> line, long call, Layout layout, Payload payload, long number) {
        super(line, call, Integer.MAX_VALUE);
        this.layout = layout;
        this.payload = payload;
        this.number = number;
    }

    @Override
    String what() {
        return "init";
    }

    @Override
    boolean mayFindNothing() {
        return true;
    }

    @Override
    void start() {
        if (!line.exists()) {
            announce();
            return;
        }
        asking = true;
        left = line.layout().slices();
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            request(slice, () -> new PartCommand.Describe(0, null), null);
        }
    }

    private void onAsked(KeyReply reply) {
        boolean there = reply instanceof PartReply.Described found && found.generation() == line.generation();
        if (there && --left > 0) {
            return;
        }
        asking = false;
        if (!there) {
            dropRequests();
            line.forget();
        }
        announce();
    }

    private void announce() {
        announce(line.lostGeneration(), line.session.self().gives());
    }

    /** @param lost a life of the key that is known to be over, or 0 */
    private void announce(long lost, boolean withValue) {
        Self self = line.session.self();
        Origin origin = new Origin(self.worker(), self.incarnation(), lost, number, 0);
        request(
                0,
                () -> new PartCommand.Announce(
                        layout, withValue ? payload.slice(layout, 0) : null, origin, self.epoch(), 0, null),
                null);
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        if (asking) {
            onAsked(reply);
        } else if (reply instanceof PartReply.Published published) {
            made(published.generation(), published.version());
        } else if (reply instanceof PartReply.Give give) {
            if (give.generation() == 0) {
                announce(line.lostGeneration(), true);
            } else {
                load(give.generation(), give.seats());
            }
        } else if (reply instanceof KeyReply.Done) {
            if (--left == 0) {
                publish();
            }
        } else if (reply instanceof PartReply.Described found && found.layout().equals(layout)) {
            made(found.generation(), found.version());
        } else if (reply instanceof PartReply.Described) {
            finish(already);
        } else if (reply instanceof KeyReply.Refused no
                && no.reason() == Reason.ALREADY_INITIALIZED
                && !line.exists()) { // by an init of this session whose outcome it never learned
            already = new KeyReply.Refused(line.key, 0, no.reason(), no.message());
            request(0, () -> new PartCommand.Describe(0, null), null);
        } else if (reply instanceof KeyReply.Refused no && no.reason() == Reason.STALE_GENERATION) {
            dropRequests(); // a part was lost while the key was being loaded: once more from the start
            announce(loading, true);
        } else if (reply instanceof KeyReply.Refused no) {
            finish(new KeyReply.Refused(line.key, 0, no.reason(), no.message()));
        }
    }

    private void made(long generation, long version) {
        line.exists(layout, generation, version);
        line.session.outside().initialised(line.key);
        finish(new KeyReply.Done(line.key, 0, version));
    }

    private void load(long generation, List<Seat> seats) {
        loading = generation;
        left = layout.slices() - 1;
        for (int slice = 1; slice < layout.slices(); slice++) {
            int own = slice;
            request(
                    slice,
                    () -> new PartCommand.Load(layout, payload.slice(layout, own), generation, seats, 0, null),
                    null);
        }
    }

    private void publish() {
        long generation = loading;
        request(0, () -> new PartCommand.Publish(generation, 0, null), null);
    }

    @Override
    void discard() {
        payload.release();
    }
}
