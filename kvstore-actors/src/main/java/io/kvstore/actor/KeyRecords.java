package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.KeyInfo;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The records of one store's keys; any thread may read it. It belongs to the store, not to the key actors, so that a key
 * actor that fails and starts again finds its key at the last committed version.
 */
final class KeyRecords {
    private final ConcurrentMap<Key, KeyRecord> records = new ConcurrentHashMap<>();
    private final AtomicReference<Boolean> integerKeys = new AtomicReference<>();
    private final AtomicLong generations = new AtomicLong();

    /** The record of a key that exists, or null. */
    KeyRecord find(Key key) {
        return records.get(key);
    }

    Optional<KeyInfo> info(Key key) {
        KeyRecord record = records.get(key);
        return record == null ? Optional.empty() : Optional.of(record.info());
    }

    /** What requests of the key wait for, if anything. */
    Optional<String> waitingFor(Key key) {
        KeyRecord record = records.get(key);
        return record == null ? Optional.empty() : Optional.ofNullable(record.waitingFor());
    }

    List<Key> keys() {
        return records.keySet().stream().sorted().toList();
    }

    int size() {
        return records.size();
    }

    /** A number higher than all before, for a key about to be created. */
    long nextGeneration() {
        return generations.incrementAndGet();
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
        records.put(record.key, record);
        return true;
    }

    void remove(KeyRecord record) {
        records.remove(record.key, record);
    }

    /** Releases every buffer; the actors that wrote them have stopped. */
    void releaseAll() {
        records.values().forEach(KeyRecord::release);
        records.clear();
    }
}
