package io.kvstore.cluster.session;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Those who wait until requests have arrived: were answered, or are held where they will be. */
final class Arrivals {
    private record Waiting(Set<Long> requests, Runnable then) {

        /** Whether all have arrived, with this one. */
        boolean arrived(long request) {
            requests.remove(request);
            if (requests.isEmpty()) {
                then.run();
            }
            return requests.isEmpty();
        }
    }

    private final List<Waiting> waiting = new ArrayList<>();

    /** Runs {@code then} when all of these have arrived; there is at least one. */
    void await(Set<Long> requests, Runnable then) {
        waiting.add(new Waiting(new HashSet<>(requests), then));
    }

    /** A request has arrived, or is not wanted any more. */
    void arrived(long request) {
        waiting.removeIf(each -> each.arrived(request));
    }
}
