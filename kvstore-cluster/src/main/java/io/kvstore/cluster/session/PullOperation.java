package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Reading;
import java.util.List;
import java.util.stream.IntStream;

/** A pull of the whole value. */
final class PullOperation<N> extends SlicedRead<N> {
    private Values values;

    PullOperation(KeyLine<N> line, long call, int priority) {
        super(line, call, priority);
    }

    @Override
    String what() {
        return "pull";
    }

    @Override
    List<Integer> slices() {
        values = new Values(this, line.layout());
        return IntStream.range(0, line.layout().slices()).boxed().toList();
    }

    @Override
    KeyCommand command(int slice, Reading reading) {
        return new KeyCommand.Pull(reading, 0, null);
    }

    @Override
    void put(int slice, KeyReply reply) {
        values.put(slice, (KeyReply.Value) reply);
    }

    @Override
    KeyReply whole(long version) {
        return values.whole(version);
    }

    @Override
    void discard() {
        if (values != null) {
            values.release();
        }
    }
}
