package io.kvstore.cluster.session;

import java.util.HashSet;
import java.util.Set;

/** Somebody who waits until some requests have arrived: were answered, or are held where they will be. */
final class Arrival {
    private final Set<Long> left;
    private final Runnable then;

    Arrival(Set<Long> requests, Runnable then) {
        this.left = new HashSet<>(requests);
        this.then = then;
    }

    /** Whether all have arrived, with this one. */
    boolean arrived(long request) {
        left.remove(request);
        if (left.isEmpty()) {
            then.run();
        }
        return left.isEmpty();
    }
}
