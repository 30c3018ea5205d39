package io.kvstore.actor;

import java.util.HashMap;
import java.util.Map;

/**
 * What is remembered of a part beyond the life of its record, so that a message that comes late neither brings an earlier
 * life of the key back nor is taken for a new one. Written only by the part's actor; outlives that actor's failures.
 */
final class PastLives {
    /** A worker's latest init, and the generation that it was answered with; 0 if it was not answered yet. */
    private record Init(Origin origin, long generation) {}

    private final Map<String, Init> inits = new HashMap<>();
    private long over;

    /** Whether that life of the key has ended here, or would have. */
    boolean isOver(long generation) {
        return generation <= over;
    }

    void end(long generation) {
        over = Math.max(over, generation);
    }

    /** The last life that has ended, or 0. */
    long over() {
        return over;
    }

    /** Whether a later init of the worker has come before this one. */
    boolean isOvertaken(Origin init) {
        Init latest = inits.get(init.worker());
        return latest != null
                && (init.incarnation() < latest.origin.incarnation()
                        || init.incarnation() == latest.origin.incarnation() && init.seq() < latest.origin.seq());
    }

    /** An init came; unless it is a repeat, it is not answered yet. */
    void came(Origin init) {
        Init latest = inits.get(init.worker());
        if (latest == null || !isSame(latest.origin, init)) {
            inits.put(init.worker(), new Init(init, 0));
        }
    }

    void answered(Origin init, long generation) {
        inits.put(init.worker(), new Init(init, generation));
    }

    /** Whether this init was answered. */
    boolean wasAnswered(Origin init) {
        Init latest = inits.get(init.worker());
        return latest != null && isSame(latest.origin, init) && latest.generation > 0;
    }

    /** Whether another init of the same incarnation was answered with that life of the key. */
    boolean isSecond(Origin init, long generation) {
        Init latest = inits.get(init.worker());
        return latest != null
                && latest.generation == generation
                && latest.origin.incarnation() == init.incarnation()
                && latest.origin.seq() != init.seq();
    }

    private static boolean isSame(Origin a, Origin b) {
        return a.incarnation() == b.incarnation() && a.seq() == b.seq();
    }
}
