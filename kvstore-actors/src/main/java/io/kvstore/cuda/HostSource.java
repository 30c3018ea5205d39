package io.kvstore.cuda;

import java.nio.ByteBuffer;

/** Host memory that is to be uploaded. */
@FunctionalInterface
public interface HostSource {
    /** Fills {@code into}, of native byte order, with the bytes from {@code offset}; on a thread of the {@link Staging}. */
    void read(long offset, ByteBuffer into);
}
