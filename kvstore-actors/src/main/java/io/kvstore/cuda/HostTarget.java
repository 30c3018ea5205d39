package io.kvstore.cuda;

import java.nio.ByteBuffer;

/** Host memory that is to be downloaded to. */
@FunctionalInterface
public interface HostTarget {
    /** Takes all bytes of {@code from}, of native byte order, to {@code offset}; on a thread of the {@link Staging}. */
    void write(long offset, ByteBuffer from);
}
