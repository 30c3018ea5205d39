package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.PartCommand;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * A push of one key: every part gets its slice under one seq, and again until it has decided. A refusal by a part is an
 * outcome too, and consumes the seq there.
 */
final class PushOperation<N> extends Operation<N> {
    private final Payload payload;
    private final boolean pull;
    private Values values;
    private int left;
    private long version;
    private KeyReply.Refused refused;
    private Origin origin;

    PushOperation(KeyLine<N> line, long call, int priority, Payload payload, boolean pull) {
        super(line, call, priority);
        this.payload = payload;
        this.pull = pull;
    }

    @Override
    String what() {
        return pull ? "pushPull" : "push";
    }

    /** Whether it is answered with the value that it made. */
    boolean answersWithValue() {
        return pull;
    }

    long seq() {
        return origin.seq();
    }

    @Override
    boolean outlivesItsCall() {
        return origin != null;
    }

    @Override
    void start() {
        origin = line.nextPush();
        values = new Values(this, line.layout());
        left = line.layout().slices();
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            int own = slice;
            request(slice, () -> command(own), () -> new PartCommand.Probe(origin, pull, 0, null));
        }
    }

    private KeyCommand command(int slice) {
        List<Tensor> gradients = List.of(payload.slice(line.layout(), slice));
        return pull
                ? new KeyCommand.PushPull(gradients, origin, 0, null)
                : new KeyCommand.Push(gradients, origin, 0, null);
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        if (reply instanceof KeyReply.Refused no) {
            refused = refused == null ? no : refused;
        } else if (reply instanceof KeyReply.Value value) {
            version = Math.max(version, value.version());
            values.put(request.part.slice(), value);
        } else if (reply instanceof KeyReply.Done done) {
            version = Math.max(version, done.version());
        }
        if (--left == 0) {
            line.saw(version);
            finish(outcome());
        }
    }

    private KeyReply outcome() {
        if (refused != null) {
            return new KeyReply.Refused(line.key, 0, refused.reason(), refused.message());
        }
        return pull ? values.whole(version) : new KeyReply.Done(line.key, 0, version);
    }

    @Override
    void discard() {
        payload.release();
        if (values != null) {
            values.release();
        }
    }
}
