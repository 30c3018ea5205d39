package io.kvstore.profile;

import io.kvstore.Key;
import io.kvstore.Reason;

/**
 * Something that a key did.
 *
 * @param name such as {@code push}
 * @param startNanos since the recording began
 * @param nanos how long it took
 * @param waitedNanos how long it had waited before
 * @param bytes of the arrays that it was about
 * @param version that was made or read, or -1
 * @param device where it happened, or null
 * @param refused why it was refused, or null
 */
record TraceEvent(
        String name,
        Key key,
        long startNanos,
        long nanos,
        long waitedNanos,
        long bytes,
        long version,
        String device,
        Reason refused) {}
