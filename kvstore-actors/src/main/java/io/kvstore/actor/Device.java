package io.kvstore.actor;

import io.kvstore.Stats;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * One device: its buffers and the arithmetic on them. Work is begun by the thread of its {@link DeviceActor}, which never
 * waits for the device, and reported when it is done, once, then or later, by any thread.
 */
interface Device {

    /** Such as {@code cpu(0)}. */
    String name();

    /**
     * Begins to sum the commit's gradients into a merge buffer here and to apply the sum; the gradients are released once read.
     *
     * @param report is told {@link KeyEvent.Committed} or {@link KeyEvent.CommitFailed}; in the latter case nothing visible
     *     has changed
     */
    void begin(Commit commit, Consumer<KeyEvent> report);

    /** Begins an errand. @param report is told {@link KeyEvent.ErrandDone} or {@link KeyEvent.ErrandFailed} */
    void begin(Errand errand, Consumer<KeyEvent> report);

    /** Before anything is begun: {@code thread} runs what it is given on the thread of the device's actor. */
    default void runOn(Executor thread) {}

    /** Whether new keys may live here. */
    default boolean isAvailable() {
        return true;
    }

    /** What it is, and its memory. Any thread may ask. */
    Stats.DeviceStats stats(long keys, long assignedBytes);

    /** Frees everything; nobody uses the device any more. */
    void close();
}
