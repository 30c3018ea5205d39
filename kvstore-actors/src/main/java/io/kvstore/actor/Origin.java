package io.kvstore.actor;

/**
 * Who made a push, and which one it is, so that a repeat is recognised and answered instead of applied.
 *
 * @param worker the worker's name; null only in {@link #none}
 * @param incarnation counts the worker's lives
 * @param generation the key's creation that the push is meant for
 * @param seq 1, 2, 3.. per worker, key and generation
 * @param config the highest version of the store's configuration that the worker knew
 */
public record Origin(String worker, long incarnation, long generation, long seq, long config) {
    private static final Origin NONE = new Origin(null, 0, 0, 0, 0);

    public Origin(String worker, long incarnation, long generation, long seq) {
        this(worker, incarnation, generation, seq, 0);
    }

    /** Whether it is the same push of the same worker's life, sent again perhaps with a later configuration. */
    boolean isSamePush(Origin other) {
        return worker != null
                && worker.equals(other.worker)
                && incarnation == other.incarnation
                && generation == other.generation
                && seq == other.seq;
    }

    /** The origin of a hand-written push: applied in the order of arrival, and again if sent again. */
    public static Origin none() {
        return NONE;
    }
}
