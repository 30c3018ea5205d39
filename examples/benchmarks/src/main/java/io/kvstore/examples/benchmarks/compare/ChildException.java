package io.kvstore.examples.benchmarks.compare;

/** A process of one side failed, or is silent. */
final class ChildException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ChildException(String message) {
        super(message);
    }
}
