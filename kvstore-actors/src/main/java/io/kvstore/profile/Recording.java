package io.kvstore.profile;

import io.kvstore.Key;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** The events of one store, up to a number of them; later ones are only counted. Any thread may use it. */
public final class Recording {
    private final String store;
    private final int maxEvents;
    private final LongSupplier nanos;
    private final Instant start;
    private final long startNanos;
    private final AtomicLong count = new AtomicLong();
    private final Queue<TraceEvent> events = new ConcurrentLinkedQueue<>();

    Recording(String store, int maxEvents, LongSupplier nanos, Instant start) {
        this.store = store;
        this.maxEvents = maxEvents;
        this.nanos = nanos;
        this.start = start;
        this.startNanos = nanos.getAsLong();
    }

    /** Begins an event; {@code bytes} is what it is about, or 0 if its end will tell. */
    public Span begin(String name, Key key, long bytes) {
        return new Span(this, name, key, bytes);
    }

    void add(TraceEvent event) {
        if (count.getAndIncrement() < maxEvents) {
            events.add(event);
        }
    }

    /** Nanoseconds since the recording began. */
    long now() {
        return nanos.getAsLong() - startNanos;
    }

    String store() {
        return store;
    }

    Instant start() {
        return start;
    }

    List<TraceEvent> events() {
        return List.copyOf(events);
    }

    /** Events that there was no room for. */
    long dropped() {
        return Math.max(0, count.get() - maxEvents);
    }
}
