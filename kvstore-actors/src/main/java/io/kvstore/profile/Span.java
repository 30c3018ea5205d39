package io.kvstore.profile;

import io.kvstore.Key;
import io.kvstore.Reason;

/** An event under way; used by one thread at a time. */
public final class Span {
    private final Recording recording;
    private final String name;
    private final Key key;
    private final long bytes;
    private final long arrival;
    private long start;

    Span(Recording recording, String name, Key key, long bytes) {
        this.recording = recording;
        this.name = name;
        this.key = key;
        this.bytes = bytes;
        this.arrival = recording.now();
        this.start = arrival;
    }

    /** What is measured begins now: until here it has waited for its turn. */
    public void turn() {
        start = recording.now();
    }

    /**
     * Records the event.
     *
     * @param version that was made or read
     * @param size the bytes that it was about, if they were not known at first
     * @param device where it happened, or null
     */
    public void end(long version, long size, String device) {
        end(version, bytes == 0 ? size : bytes, device, null);
    }

    /** Records the event as one that was refused. */
    public void refused(Reason reason) {
        end(-1, bytes, null, reason);
    }

    private void end(long version, long size, String device, Reason refused) {
        recording.add(new TraceEvent(
                name, key, start, recording.now() - start, start - arrival, size, version, device, refused));
    }
}
