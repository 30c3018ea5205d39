package io.kvstore.examples.gpu;

/** How much memory is free, time after time: it may go up and down, but not below the first time by more than a slack. */
final class FreeMemory {
    private final long slack;
    private long first = -1;

    FreeMemory(long slack) {
        this.slack = slack;
    }

    /** Notes that {@code bytes} are free now. */
    void stays(long bytes) {
        if (first < 0) {
            first = bytes;
        }
        Expect.that(bytes >= first - slack, () -> "free memory stays about " + first + " bytes, not " + bytes);
    }
}
