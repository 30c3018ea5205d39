package io.kvstore.cluster.link;

import io.kvstore.actor.Part;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Items that wait for room: highest priority first, equals in order of arrival.
 *
 * <p>An item never overtakes an earlier one of the same part: it has at most the priority of the last one of its part that
 * still waits.
 */
final class Outbox {
    private record Target(String store, Part part) {
        static Target of(Outgoing outgoing) {
            return new Target(outgoing.item().store(), outgoing.item().part());
        }
    }

    /** The items of one part that wait, and the priority of the last of them. */
    private static final class Waiting {
        int items;
        int lowest = Integer.MAX_VALUE;
    }

    private final NavigableMap<Integer, ArrayDeque<Outgoing>> levels = new TreeMap<>(Comparator.reverseOrder());
    private final Map<Target, Waiting> waiting = new HashMap<>();

    void add(Outgoing outgoing) {
        Waiting part = waiting.computeIfAbsent(Target.of(outgoing), target -> new Waiting());
        part.items++;
        part.lowest = Math.min(part.lowest, outgoing.item().priority());
        levels.computeIfAbsent(part.lowest, level -> new ArrayDeque<>()).add(outgoing);
    }

    /** The item that leaves next, or null. */
    Outgoing peek() {
        return levels.isEmpty() ? null : levels.firstEntry().getValue().peek();
    }

    /** Removes {@link #peek}. */
    Outgoing poll() {
        Map.Entry<Integer, ArrayDeque<Outgoing>> first = levels.firstEntry();
        Outgoing outgoing = first.getValue().poll();
        if (first.getValue().isEmpty()) {
            levels.remove(first.getKey());
        }
        Target target = Target.of(outgoing);
        Waiting part = waiting.get(target);
        if (--part.items == 0) {
            waiting.remove(target);
        }
        return outgoing;
    }

    boolean isEmpty() {
        return levels.isEmpty();
    }

    /** Removes all, in the order in which they would have left. */
    List<Outgoing> drain() {
        List<Outgoing> all = new ArrayList<>();
        while (!isEmpty()) {
            all.add(poll());
        }
        return all;
    }
}
