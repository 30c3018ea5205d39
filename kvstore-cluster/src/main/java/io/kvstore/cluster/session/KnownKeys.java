package io.kvstore.cluster.session;

import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.actor.Layout;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What a session knows of its store's keys. Written by the session's logic, read by any thread. */
final class KnownKeys {
    private final Map<Key, KeyInfo> keys = new ConcurrentHashMap<>();
    private final Set<Key> initialised = ConcurrentHashMap.newKeySet();
    private volatile Boolean integerKeys;

    void put(Key key, Layout layout, long generation, long version) {
        keys.put(key, info(key, layout, generation, version));
        if (integerKeys == null) {
            integerKeys = key.isInteger();
        }
    }

    static KeyInfo info(Key key, Layout layout, long generation, long version) {
        return new KeyInfo(key, layout.shape(), layout.dtype(), layout.rowSparse(), version, generation, "cluster");
    }

    void remove(Key key) {
        keys.remove(key);
        initialised.remove(key);
    }

    /** This worker has taken part in the key's creation. */
    void initialisedHere(Key key) {
        initialised.add(key);
    }

    /** The key may be gone, so that another init by this worker is for its server to judge. */
    void doubt(Key key) {
        initialised.remove(key);
    }

    Optional<KeyInfo> find(Key key) {
        return Optional.ofNullable(keys.get(key));
    }

    Optional<KeyInfo> initialised(Key key) {
        return initialised.contains(key) ? find(key) : Optional.empty();
    }

    List<Key> keys() {
        return keys.keySet().stream().sorted().toList();
    }

    boolean admits(Key key) {
        return integerKeys == null || integerKeys == key.isInteger();
    }

    String kind() {
        return integerKeys == null ? "no" : integerKeys ? "integer" : "string";
    }
}
