package io.kvstore.actor;

import io.kvstore.Reason;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/**
 * The order of the requests to one key: each takes effect at once, or, while a commit is under way, after those that came
 * before it. Not thread-safe.
 *
 * @param <R> where a reply goes
 */
final class Turns<R> {
    /** A request that waits; {@code discard} lets go of its tensors. */
    private record Waiting<R>(R to, Runnable start, Runnable discard) {}

    private final KeyState.Effects<R> effects;
    private final int limit;
    private final BooleanSupplier committing;
    private final Queue<Waiting<R>> waiting = new ArrayDeque<>();
    private boolean draining;

    /** @param limit how many requests may wait */
    Turns(KeyState.Effects<R> effects, int limit, BooleanSupplier committing) {
        this.effects = effects;
        this.limit = limit;
        this.committing = committing;
    }

    /** Does {@code start} in its turn; refuses, after {@code discard}, if too many wait. */
    void take(R to, Runnable start, Runnable discard) {
        if (waiting.size() < limit) {
            takeAlways(to, start, discard);
        } else {
            discard.run();
            effects.refused(
                    to,
                    Reason.BUSY,
                    waiting.size() + " requests already wait at this key; try again, or raise kvstore.key-queue-limit ("
                            + limit + ")");
        }
    }

    /** For what all keys of a store must get: one key that is BUSY would be left out. */
    void takeAlways(R to, Runnable start, Runnable discard) {
        if (!committing.getAsBoolean() && waiting.isEmpty()) {
            start.run();
        } else {
            waiting.add(new Waiting<>(to, start, discard));
        }
    }

    /** A commit is over: does what has waited, until something of it begins another. */
    void next() {
        if (draining) {
            return; // a commit that is carried out at once reports from within the loop below
        }
        draining = true;
        try {
            while (!committing.getAsBoolean() && !waiting.isEmpty()) {
                Waiting<R> next = waiting.remove();
                effects.turn(next.to);
                next.start.run();
            }
        } finally {
            draining = false;
        }
    }

    /** Refuses all that waits. */
    void abandon(Reason reason, String message) {
        for (Waiting<R> each : waiting) {
            each.discard.run();
            effects.refused(each.to, reason, message);
        }
        waiting.clear();
    }
}
