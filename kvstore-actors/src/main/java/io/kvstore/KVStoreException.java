package io.kvstore;

import java.util.Optional;

/**
 * A request that was not carried out. The store is as it was before the request; {@link #reason()} says why in one
 * word, the message says it in full: the key, what was expected, what was given, and what to do.
 */
public class KVStoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final transient Key key;

    public KVStoreException(Reason reason, Key key, String message) {
        this(reason, key, message, null);
    }

    public KVStoreException(Reason reason, Key key, String message, Throwable cause) {
        super(key == null ? message : "key " + key + ": " + message, cause);
        this.reason = reason;
        this.key = key;
    }

    public KVStoreException(Reason reason, String message) {
        this(reason, null, message, null);
    }

    public Reason reason() {
        return reason;
    }

    /** The key the request was about, if it was about one. */
    public Optional<Key> key() {
        return Optional.ofNullable(key);
    }

    /** The same failure, said of {@code key}. */
    public KVStoreException of(Key key) {
        return new KVStoreException(reason, key, getMessage(), this);
    }
}
