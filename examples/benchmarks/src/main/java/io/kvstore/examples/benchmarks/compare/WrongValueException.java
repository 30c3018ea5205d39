package io.kvstore.examples.benchmarks.compare;

/** A store gave back another number than it must: its times are worth nothing. */
final class WrongValueException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongValueException(String message) {
        super(message);
    }
}
