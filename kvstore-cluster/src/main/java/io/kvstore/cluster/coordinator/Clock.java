package io.kvstore.cluster.coordinator;

/** The time that the coordinator's parts go by. */
final class Clock {
    private Clock() {}

    /** Milliseconds since any moment; goes on while the process is stopped. */
    static long millis() {
        return System.nanoTime() / 1_000_000;
    }
}
