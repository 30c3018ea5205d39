package io.kvstore.cluster.coordinator;

import io.kvstore.cluster.coordinator.Seating.Candidate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The workers that wait to be registered, in the order in which they came. */
final class Waitlist<R> {

    /** One of them. */
    static final class Waiter<R> {
        final Candidate candidate;
        final int workers;
        final long since;
        private R address;
        private long heard;

        private Waiter(Candidate candidate, int workers, long now) {
            this.candidate = candidate;
            this.workers = workers;
            this.since = now;
        }

        R address() {
            return address;
        }

        String label() {
            return candidate.name().isEmpty() ? "a worker without name" : candidate.name();
        }

        /** Whether it had a life in this store before. */
        boolean returns() {
            return candidate.memory().incarnation() > 0;
        }
    }

    private final Map<Long, Waiter<R>> waiters = new LinkedHashMap<>();

    /** Notes that a worker waits. @return whether it did before */
    boolean heard(Candidate candidate, int workers, R address, long now) {
        Waiter<R> old = waiters.get(candidate.client());
        boolean before = old != null && old.candidate.equals(candidate) && old.workers == workers;
        if (!before) {
            waiters.put(candidate.client(), new Waiter<>(candidate, workers, now));
        }
        Waiter<R> waiter = waiters.get(candidate.client());
        waiter.address = address;
        waiter.heard = now;
        return before;
    }

    void remove(long client) {
        waiters.remove(client);
    }

    void dropSilentSince(long time) {
        waiters.values().removeIf(waiter -> waiter.heard < time);
    }

    void forgive(long millis) {
        waiters.values().forEach(waiter -> waiter.heard += millis);
    }

    /** Those heard since {@code time}. */
    List<Waiter<R>> heardSince(long time) {
        return waiters.values().stream().filter(waiter -> waiter.heard >= time).toList();
    }

    /** Another process that waits under {@code name}. */
    Optional<Waiter<R>> rivalOf(String name, long client) {
        return waiters.values().stream()
                .filter(waiter ->
                        !name.isEmpty() && waiter.candidate.name().equals(name) && waiter.candidate.client() != client)
                .findFirst();
    }

    Collection<Waiter<R>> all() {
        return new ArrayList<>(waiters.values());
    }

    boolean isEmpty() {
        return waiters.isEmpty();
    }
}
