package io.kvstore.examples.training;

/** A training that cannot go on, told in one line; the program ends with exit code 1. */
final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TrainingException(String line) {
        super(line);
    }
}
