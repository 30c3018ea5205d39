package io.kvstore;

/** A call that ran out of patience; whether it will still take effect is unknown. The message says what it waited for. */
public final class KVStoreTimeoutException extends KVStoreException {
    private static final long serialVersionUID = 1L;

    public KVStoreTimeoutException(Key key, String message) {
        super(Reason.TIMEOUT, key, message);
    }
}
