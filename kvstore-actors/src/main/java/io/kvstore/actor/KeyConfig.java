package io.kvstore.actor;

import io.kvstore.Updater;
import io.kvstore.optimizer.Optimizer;

/**
 * How a store's keys apply what is pushed; equal for all keys of a store.
 *
 * @param version higher for each later configuration
 * @param optimizer null for none
 * @param updater null for none; not both
 */
public record KeyConfig(long version, Optimizer optimizer, Updater updater) {
    /** The sum of a push becomes the value. */
    public static final KeyConfig ASSIGN = new KeyConfig(0, null, null);
}
