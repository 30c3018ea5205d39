package io.kvstore.actor;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

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

    /** Runs a user's code, marked, and returns what it returns. */
    static <T> T call(Supplier<T> task) {
        List<T> result = new ArrayList<>(1);
        run(() -> result.add(task.get()));
        return result.get(0);
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
