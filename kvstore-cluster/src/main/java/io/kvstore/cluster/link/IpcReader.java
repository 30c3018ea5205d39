package io.kvstore.cluster.link;

import io.aeron.Image;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the messages of one image, as {@link IpcFormat} lays them out: straight from memory, once all of one is there. For
 * one thread.
 */
final class IpcReader implements ControlledFragmentHandler, ElementsIn {
    private static final Logger LOG = LoggerFactory.getLogger(IpcReader.class);

    /** After so many bytes the others have their turn, and the writer its room. */
    private static final int AT_ONCE = 256 * 1024;

    private final IpcRing elements;
    private final BufferPool pool;
    private final Consumer<LinkMessage> receiver;
    private DirectBuffer log;
    private int first; // where the message begins in the log
    private int total; // its bytes so far
    private boolean whole; // whether what came so far is as it has to be
    private int apart; // bytes of its elements
    private int read;

    IpcReader(IpcRing elements, BufferPool pool, Consumer<LinkMessage> receiver) {
        this.elements = elements;
        this.pool = pool;
        this.receiver = receiver;
    }

    /** Hands over what is there, a part of it if it is much. @return the bytes read */
    int read(Image image) {
        read = 0;
        total = 0;
        whole = false;
        long from = image.position();
        long to = image.controlledPeek(from, this, Long.MAX_VALUE);
        if (to > from && !image.isClosed()) {
            image.position(to);
        }
        return read;
    }

    @Override
    public Action onFragment(DirectBuffer buffer, int offset, int length, Header header) {
        byte flags = header.flags();
        if ((flags & FrameDescriptor.BEGIN_FRAG_FLAG) != 0) {
            log = buffer;
            first = offset;
            total = length;
            whole = true;
        } else {
            whole &= total % IpcFormat.PAYLOAD == 0 && buffer == log && offset == first + IpcFormat.distance(total);
            total += length;
        }
        if ((flags & FrameDescriptor.END_FRAG_FLAG) == 0) {
            return Action.CONTINUE;
        }
        handOver();
        read += total + apart;
        return read < AT_ONCE ? Action.CONTINUE : Action.BREAK;
    }

    /** Must not throw: Aeron would give the same fragments again. */
    private void handOver() {
        apart = 0;
        try {
            receiver.accept(message());
        } catch (WireException e) {
            LOG.warn("a message of {} bytes through memory cannot be read: {}", total, e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("a message of {} bytes through memory is lost", total, e);
        }
    }

    private LinkMessage message() {
        if (!whole || total < IpcFormat.PREFIX) {
            throw new WireException("fragments that do not make a message");
        }
        ByteBuffer prefix = view(0, IpcFormat.PREFIX).order(ByteOrder.LITTLE_ENDIAN);
        long start = prefix.getLong();
        int bytes = prefix.getInt();
        if (start != elements.position() || bytes < 0 || bytes > elements.capacity()) {
            throw new WireException(
                    bytes + " bytes of elements at " + start + ", those at " + elements.position() + " are the next");
        }
        apart = bytes;
        try {
            return LinkCodec.read(fields(), pool, this);
        } finally {
            elements.taken(apart);
        }
    }

    /** The fields, in place if they lie in one fragment. */
    private ByteBuffer fields() {
        int length = total - IpcFormat.PREFIX;
        if (total <= IpcFormat.PAYLOAD) {
            return view(IpcFormat.PREFIX, length).slice();
        }
        ByteBuffer fields = ByteBuffer.allocate(length);
        for (int at = IpcFormat.PREFIX; at < total; ) {
            int count = Math.min(IpcFormat.PAYLOAD - at % IpcFormat.PAYLOAD, total - at);
            fields.put(view(at, count));
            at += count;
        }
        return fields.flip();
    }

    /** Bytes of the message that lie in one fragment. */
    private ByteBuffer view(int at, int length) {
        return IpcFormat.view(log, first + IpcFormat.distance(at), length);
    }

    @Override
    public void check(int place, long bytes) {
        if (place < 0 || place % IpcFormat.ALIGNMENT != 0 || bytes > apart - (long) place) {
            throw new WireException("no " + bytes + " bytes at place " + place + " of " + apart);
        }
    }

    @Override
    public void get(int place, DenseTensor into) {
        elements.get(place, into);
    }
}
