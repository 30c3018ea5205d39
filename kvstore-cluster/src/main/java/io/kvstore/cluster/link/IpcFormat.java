package io.kvstore.cluster.link;

import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.protocol.DataHeaderFlyweight;
import java.nio.ByteBuffer;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;

/**
 * How a message goes through memory, from one process of a machine to another:
 *
 * <pre>
 *   log of an Aeron stream   i64 position in the ring | i32 bytes in the ring | fields (LinkCodec)
 *   ring ({@link IpcRing})       elements of a large tensor | gap | elements ...
 *                            ^ each at a multiple of 64 bytes, which is its place
 * </pre>
 *
 * <p>What stands in the log is cut into fragments of equal size, the last one excepted, that lie one behind the other in one
 * term, so that the reader finds every place by arithmetic, once the last fragment is there.
 */
final class IpcFormat {
    /** The largest that Aeron has; one fragment with its header. */
    static final int MTU = 65504;

    /** What one fragment carries; a multiple of {@link #ALIGNMENT}. */
    static final int PAYLOAD = MTU - DataHeaderFlyweight.HEADER_LENGTH;

    /** Of each tensor's elements, so that none of them is cut in two. */
    static final int ALIGNMENT = 64;

    /** What precedes the fields. */
    static final int PREFIX = Long.BYTES + Integer.BYTES;

    private IpcFormat() {}

    static int align(int bytes) {
        return BitUtil.align(bytes, ALIGNMENT);
    }

    /** What a message of so many bytes takes in the log, with the headers of its fragments. */
    static int framed(int bytes) {
        int rest = bytes % PAYLOAD;
        int last = rest == 0
                ? 0
                : BitUtil.align(rest + DataHeaderFlyweight.HEADER_LENGTH, FrameDescriptor.FRAME_ALIGNMENT);
        return bytes / PAYLOAD * MTU + last;
    }

    /** Where byte {@code i} of a message lies behind its first. */
    static int distance(int i) {
        return i / PAYLOAD * MTU + i % PAYLOAD;
    }

    /** Bytes {@code [offset, offset + length)} of Aeron's memory. */
    static ByteBuffer view(DirectBuffer buffer, int offset, int length) {
        int start = buffer.wrapAdjustment() + offset;
        return buffer.byteBuffer().duplicate().position(start).limit(start + length);
    }
}
