package io.kvstore.actor;

/**
 * What a pull must see before it is answered.
 *
 * @param after the reader, with the seq of its last push of the key; that push must have been decided
 * @param minVersion the version must be at least this one
 */
public record Reading(Origin after, long minVersion) {
    private static final Reading LATEST = new Reading(Origin.none(), 0);

    /** Whatever is there: for hand-written messages. */
    public static Reading latest() {
        return LATEST;
    }
}
