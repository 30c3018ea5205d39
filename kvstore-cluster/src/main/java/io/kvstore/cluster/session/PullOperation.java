package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.Reading;

/**
 * A pull of one key: every part answers once it has decided the worker's last push. In rounds all slices have one
 * version: those that lag behind the highest are asked again.
 */
final class PullOperation<N> extends Operation<N> implements Reads {
    private Values values;
    private int left;
    private long version;
    private Origin after;
    private long minVersion;

    PullOperation(KeyLine<N> line, long call, int priority) {
        super(line, call, priority);
    }

    @Override
    String what() {
        return "pull";
    }

    @Override
    void start() {
        after = line.origin();
        minVersion = line.core.inRounds() ? line.seenVersion() : 0;
        values = new Values(line.layout());
        left = line.layout().slices();
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            ask(slice, minVersion);
        }
    }

    private void ask(int slice, long atLeast) {
        Reading reading = new Reading(after, atLeast);
        line.core.request(
                this,
                slice,
                () -> new KeyCommand.Pull(reading, 0, null),
                () -> new PartCommand.ProbeRead(reading, 0, null));
    }

    @Override
    void onReply(PartRequest<N> request, KeyReply reply) {
        if (reply instanceof KeyReply.Refused no) {
            finish(new KeyReply.Refused(line.key, 0, no.reason(), no.message()));
            return;
        }
        if (reply instanceof KeyReply.Value value) {
            values.put(request.part.slice(), value);
            version = Math.max(version, value.version());
        }
        if (--left == 0 && !askLagging()) {
            line.saw(version);
            finish(values.whole(line.core.pool(), line.key, version));
        }
    }

    private boolean askLagging() {
        if (!line.core.inRounds()) {
            return false;
        }
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            if (values.version(slice) < version) {
                left++;
            }
        }
        if (left == 0) {
            return false;
        }
        for (int slice = 0; slice < line.layout().slices(); slice++) {
            if (values.version(slice) < version) {
                ask(slice, version);
            }
        }
        return true;
    }

    @Override
    void discard() {
        if (values != null) {
            values.release();
        }
    }
}
