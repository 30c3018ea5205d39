package io.kvstore.cluster.session;

import io.kvstore.actor.Part;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where parts are believed to live. May be wrong at any time: what a node does not have, it says, and it is asked again. */
final class Routes<N> {
    private final Map<Part, N> homes = new HashMap<>();

    /** The node, or null if it must be looked for. */
    N of(Part part) {
        return homes.get(part);
    }

    void put(Part part, N node) {
        homes.put(part, node);
    }

    void forget(Part part) {
        homes.remove(part);
    }

    /** Forgets what was believed to live on a node. @return the parts, sorted */
    List<Part> forgetNode(N node) {
        List<Part> parts = homes.entrySet().stream()
                .filter(home -> home.getValue().equals(node))
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
        parts.forEach(homes::remove);
        return parts;
    }
}
