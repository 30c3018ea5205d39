package io.kvstore.cuda;

import java.nio.ByteBuffer;

/** Host memory that GPUs copy from and to directly. */
public interface PinnedMemory extends AutoCloseable {

    /**
     * All of it, a new direct buffer of native byte order over the same bytes. It must not be touched while a stream copies
     * there or after {@link #close}.
     */
    ByteBuffer bytes();

    /** Gives it back; no stream uses it any more. */
    @Override
    void close();
}
