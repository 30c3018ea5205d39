package io.kvstore.cluster.command;

import io.kvstore.cluster.status.NodeStatus;
import io.kvstore.cluster.status.StoreStatus;
import java.io.PrintWriter;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Decides about requests that a server leave: it does if nothing is lost by it, if it may lose keys, or if it is asked
 * twice within ten seconds; otherwise it says what it holds, and stays.
 */
final class LeaveRequests {
    private static final long INSISTING_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long PATIENCE_SECONDS = 5;

    private final Supplier<CompletionStage<NodeStatus>> status;
    private final Runnable leave;
    private final boolean force;
    private final PrintWriter err;
    private long refusedAt;
    private boolean refused;

    /**
     * @param status tells what the server holds
     * @param leave makes it leave
     * @param force whether it may lose keys
     */
    LeaveRequests(Supplier<CompletionStage<NodeStatus>> status, Runnable leave, boolean force, PrintWriter err) {
        this.status = status;
        this.leave = leave;
        this.force = force;
        this.err = err;
    }

    /** Takes one request; does not wait for its outcome. */
    synchronized void ask() {
        boolean insists = refused && System.nanoTime() - refusedAt < INSISTING_NANOS;
        if (force || insists) {
            leave.run();
            return;
        }
        status.get()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .handle((status, failure) ->
                        failure == null ? held(status) : "what it holds is not known: " + failure.getMessage())
                .thenAccept(this::decide);
    }

    /** What would be lost, in words; empty if nothing would. */
    private static String held(NodeStatus status) {
        long parts = status.stores().stream().mapToLong(StoreStatus::parts).sum();
        long bytes = status.stores().stream().mapToLong(StoreStatus::bytes).sum();
        return parts == 0 ? "" : "it holds keys or slices of keys (" + parts + ", " + Units.bytes(bytes) + ")";
    }

    private synchronized void decide(String reason) {
        if (reason.isEmpty()) {
            leave.run();
            return;
        }
        refused = true;
        refusedAt = System.nanoTime();
        err.println("kvstore server: stays, for " + reason
                + ", which would be lost; ask again within 10 seconds to make it leave all the same");
    }
}
