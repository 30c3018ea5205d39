package io.kvstore;

import java.util.Set;

/**
 * Offers types of stores by name; found through {@link java.util.ServiceLoader}, or given to
 * {@link KVStoreBuilder#provider}. {@link KVStoreBase} is a start for a store of one's own.
 */
public interface KVStoreProvider {

    /** The types offered, in lower case. Two providers of one type are refused, unless the builder names one. */
    Set<String> types();

    /**
     * A new store.
     *
     * @param type one of {@link #types}
     * @param builder what the user asked for: settings, and the actor system if the store is to be a guest
     */
    KVStore create(String type, KVStoreBuilder builder);
}
