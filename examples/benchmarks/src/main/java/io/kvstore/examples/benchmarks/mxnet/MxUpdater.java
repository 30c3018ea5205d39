package io.kvstore.examples.benchmarks.mxnet;

/** A rule that folds what was pushed to a key into its stored value. */
@FunctionalInterface
public interface MxUpdater {
    /**
     * Changes {@code stored} in place. Called once per key and push, on the pushing thread.
     *
     * @param key an {@code Integer} or a {@code String}, as the store's keys are
     * @param received the sum of the pushed arrays; both arrays live during the call only
     */
    void update(Object key, MxArray received, MxArray stored);
}
