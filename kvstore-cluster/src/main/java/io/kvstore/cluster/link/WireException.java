package io.kvstore.cluster.link;

/**
 * Bytes that are not what they claim to be: of an unknown version or kind, too short, too long, or with sizes that
 * contradict each other. The only thing that reading bytes from the network throws.
 */
public final class WireException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public WireException(String message) {
        super(message);
    }

    public WireException(String message, Throwable cause) {
        super(message, cause);
    }
}
