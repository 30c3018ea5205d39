package io.kvstore.examples.training;

/** A mistake in what the user gave, told in one line; the program ends with exit code 2. */
final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InputException(String line) {
        super(line);
    }
}
