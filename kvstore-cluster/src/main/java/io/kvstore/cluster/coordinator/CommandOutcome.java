package io.kvstore.cluster.coordinator;

/**
 * What one server made of a command.
 *
 * @param server its address
 * @param result what it answered, at most {@link Limits#TEXT_BYTES} bytes
 * @param failure what went wrong, or empty
 */
public record CommandOutcome(String server, String result, String failure) {
    public boolean failed() {
        return !failure.isEmpty();
    }
}
