package io.kvstore.actor;

/**
 * Marks the threads on which the store runs its users' code: a blocking call on the store from there might wait for
 * itself, and is refused.
 */
public final class StoreThread {
    private static final ThreadLocal<Integer> DEPTH = new ThreadLocal<>();

    private StoreThread() {}

    /** Whether the calling thread is one of a store's own. */
    public static boolean isCurrent() {
        return DEPTH.get() != null;
    }

    /** Runs a user's code, marked. */
    public static void run(Runnable task) {
        Integer before = DEPTH.get();
        DEPTH.set(before == null ? 1 : before + 1);
        try {
            task.run();
        } finally {
            if (before == null) {
                DEPTH.remove();
            } else {
                DEPTH.set(before);
            }
        }
    }
}
