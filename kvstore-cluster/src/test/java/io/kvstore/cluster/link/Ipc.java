package io.kvstore.cluster.link;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for roads through memory. */
final class Ipc {
    private static final long LIMIT = TimeUnit.SECONDS.toNanos(30);

    private Ipc() {}

    static void awaitMemory(Endpoints node, NodeId peer) {
        await(
                "a road through memory from " + node.self() + " to " + peer,
                () -> node.roads().throughMemory().contains(peer));
    }

    static void awaitArtery(Endpoints node, NodeId peer) {
        await(
                "Artery's road from " + node.self() + " to " + peer,
                () -> !node.roads().throughMemory().contains(peer));
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("no " + what + " within 30 s");
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
