package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Origin;
import io.kvstore.actor.PartCommand;
import io.kvstore.actor.Reading;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A read of what a key has, slice by slice: every part answers once it has decided the worker's last push. In rounds all
 * slices have one version: those that lag behind the highest are asked again.
 */
abstract class SlicedRead<N> extends Operation<N> implements Reads {
    private final Map<Integer, Long> versions = new TreeMap<>();
    private Origin after;
    private int left;
    private long version;

    SlicedRead(KeyLine<N> line, long call, int priority) {
        super(line, call, priority);
    }

    /** The slices to read; called once, when the read starts. */
    abstract List<Integer> slices();

    abstract KeyCommand command(int slice, Reading reading);

    /** Keeps what a slice answered, in place of what it answered before. */
    abstract void put(int slice, KeyReply reply);

    /** The answer, from what every slice answered last. */
    abstract KeyReply whole(long version);

    @Override
    final void start() {
        after = line.origin();
        slices().forEach(slice -> versions.put(slice, -1L));
        askBelow(line.session.inRounds() ? line.seenVersion() : 0);
    }

    /** Asks those slices that are not known to have that version. */
    private void askBelow(long atLeast) {
        List<Integer> lagging = versions.entrySet().stream()
                .filter(each -> each.getValue() < atLeast)
                .map(Map.Entry::getKey)
                .toList();
        left = lagging.size();
        Reading reading = new Reading(after, atLeast);
        for (int slice : lagging) {
            request(slice, () -> command(slice, reading), () -> new PartCommand.ProbeRead(reading, 0, null));
        }
    }

    @Override
    final void onReply(PartRequest<N> request, KeyReply reply) {
        if (reply instanceof KeyReply.Refused no) {
            finish(new KeyReply.Refused(line.key, 0, no.reason(), no.message()));
            return;
        }
        put(request.part.slice(), reply);
        long read = reply instanceof KeyReply.Value value ? value.version() : ((KeyReply.Rows) reply).version();
        versions.put(request.part.slice(), read);
        version = Math.max(version, read);
        if (--left > 0) {
            return;
        }
        if (line.session.inRounds()) {
            askBelow(version);
        }
        if (left == 0) {
            line.saw(version);
            finish(whole(version));
        }
    }
}
