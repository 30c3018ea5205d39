package io.kvstore.cluster.coordinator;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;

/**
 * What the workers of a store agreed on: how its keys sum and apply pushes. The coordinator keeps it and does not read it.
 *
 * @param version counts the contents, from 1; equal contents in a row are one version
 * @param content text of at most {@link Limits#TEXT_BYTES} bytes in UTF-8
 */
public record Configuration(long version, String content) {
    /** Before the first one is set. */
    public static final Configuration NONE = new Configuration(0, "");

    public Configuration {
        if (Limits.utf8Bytes(content) > Limits.TEXT_BYTES) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "a configuration has at most " + Limits.TEXT_BYTES + " bytes, given " + Limits.utf8Bytes(content));
        }
    }
}
