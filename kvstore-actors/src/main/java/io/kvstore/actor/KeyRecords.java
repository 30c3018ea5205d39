package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.KeyInfo;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;

/**
 * The records of one store's keys; any thread may read it. It belongs to the store, not to the key actors, so that a key
 * actor that fails and starts again finds its key at the last committed version.
 */
final class KeyRecords {
    private final ConcurrentMap<Part, KeyRecord> records = new ConcurrentHashMap<>();
    private final ConcurrentMap<Part, PastLives> past = new ConcurrentHashMap<>();
    private final AtomicReference<Boolean> integerKeys = new AtomicReference<>();
    private final AtomicLong generations = new AtomicLong();

    private final LongSupplier clock;

    KeyRecords() {
        this(() -> 0);
    }

    /** @param clock generations are at least its time, so that they grow over the lives of a server */
    KeyRecords(LongSupplier clock) {
        this.clock = clock;
    }

    /** The record of a part that exists, or null. */
    KeyRecord find(Part part) {
        return records.get(part);
    }

    Optional<KeyInfo> info(Key key) {
        KeyRecord record = records.get(Part.head(key));
        return record == null ? Optional.empty() : Optional.of(record.info());
    }

    /** What requests of the key wait for, if anything. */
    Optional<String> waitingFor(Key key) {
        KeyRecord record = records.get(Part.head(key));
        return record == null ? Optional.empty() : Optional.ofNullable(record.waitingFor());
    }

    List<Key> keys() {
        return records.keySet().stream()
                .filter(Part::isHead)
                .map(Part::key)
                .sorted()
                .toList();
    }

    /** Every part that is here. */
    Collection<KeyRecord> all() {
        return records.values();
    }

    int size() {
        return records.size();
    }

    /** A number higher than all before, for a key about to be created. */
    long nextGeneration() {
        return nextGeneration(0);
    }

    /** A number higher than all before and than {@code known}, which another node may have given. */
    long nextGeneration(long known) {
        return generations.updateAndGet(last -> Math.max(Math.max(last, known) + 1, clock.getAsLong()));
    }

    /** What is remembered of a part of a cluster's key. */
    PastLives past(Part part) {
        return past.computeIfAbsent(part, p -> new PastLives());
    }

    /** Forgets a part altogether; its actor has stopped. */
    void forget(Part part) {
        past.remove(part);
        KeyRecord record = records.remove(part);
        if (record != null) {
            record.gone();
            record.release();
        }
    }

    /** Whether the key is of the one kind, integer or string, that this store holds; the first key decides it. */
    boolean admits(Key key) {
        Boolean kind = integerKeys.get();
        return kind == null || kind == key.isInteger();
    }

    /** The kind of key this store holds, for messages; before the first key, none. */
    String kind() {
        Boolean kind = integerKeys.get();
        return kind == null ? "no" : kind ? "integer" : "string";
    }

    /** Adds a new key's record; false if the store holds keys of the other kind. */
    boolean add(KeyRecord record) {
        integerKeys.compareAndSet(null, record.key.isInteger());
        if (!admits(record.key)) {
            return false;
        }
        KeyRecord before = records.put(record.part, record);
        if (before != null) {
            before.gone();
        }
        return true;
    }

    void remove(KeyRecord record) {
        records.remove(record.part, record);
        record.gone();
    }

    /** Releases every buffer; the actors that wrote them have stopped. */
    void releaseAll() {
        records.values().forEach(record -> {
            record.gone();
            record.release();
        });
        records.clear();
    }
}
