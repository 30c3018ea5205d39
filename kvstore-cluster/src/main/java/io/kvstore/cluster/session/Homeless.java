package io.kvstore.cluster.session;

import io.kvstore.actor.Part;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Requests whose part lives nobody knows where. Servers are asked for {@value #AT_ONCE} parts at a time, in the order of the
 * requests: a call on very many keys must not flood them, nor take its own length for their silence. A part for which no
 * answer has come by the time to ask again takes nobody's turn any more.
 */
final class Homeless<N> {
    static final int AT_ONCE = 500;

    private final Map<Part, Set<PartRequest<N>>> waiting = new LinkedHashMap<>();
    private final Set<Part> asked = new HashSet<>();
    private final Set<Part> queued = new LinkedHashSet<>();
    private long answered = Long.MIN_VALUE;

    /** Takes in a request, perhaps for the second time. Its part has its turn at {@link #next}, or had it. */
    void add(PartRequest<N> request) {
        Set<PartRequest<N>> of = waiting.get(request.part);
        if (of == null) {
            of = new HashSet<>();
            waiting.put(request.part, of);
            queued.add(request.part);
        }
        of.add(request);
    }

    /** The part that servers are to be asked for next, or null if it is not yet time for any. */
    Part next() {
        if (queued.isEmpty() || asked.size() >= AT_ONCE) {
            return null;
        }
        Part next = queued.iterator().next();
        queued.remove(next);
        asked.add(next);
        return next;
    }

    /** Whether servers were asked for the part; if so it is to be asked for again, and gives up its turn. */
    boolean isDueAgain(Part part) {
        asked.remove(part);
        return !queued.contains(part);
    }

    /** Some server has said where the part lives: the requests that wait for it, in their order, which leave. */
    List<PartRequest<N>> found(Part part, long now) {
        answered = now;
        asked.remove(part);
        queued.remove(part);
        Set<PartRequest<N>> found = waiting.remove(part);
        return found == null
                ? List.of()
                : found.stream().sorted((a, b) -> Long.compare(a.id, b.id)).toList();
    }

    Collection<PartRequest<N>> of(Part part) {
        return waiting.get(part);
    }

    /** The request is not wanted any more. */
    void remove(PartRequest<N> request) {
        Set<PartRequest<N>> of = waiting.get(request.part);
        if (of != null && of.remove(request) && of.isEmpty()) {
            waiting.remove(request.part);
            asked.remove(request.part);
            queued.remove(request.part);
        }
    }

    /** The parts that servers were asked for, sorted. */
    List<Part> looked() {
        return waiting.keySet().stream()
                .filter(part -> !queued.contains(part))
                .sorted()
                .toList();
    }

    /** Since when no server is known that answers for the request; while it waits for its turn, that answers anybody. */
    long silentSince(PartRequest<N> request) {
        return queued.contains(request.part) ? Math.max(request.unreachableSince, answered) : request.unreachableSince;
    }
}
