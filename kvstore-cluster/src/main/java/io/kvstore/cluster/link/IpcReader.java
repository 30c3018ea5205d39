package io.kvstore.cluster.link;

import io.aeron.Image;
import io.aeron.logbuffer.ControlledFragmentHandler;
import io.aeron.logbuffer.FrameDescriptor;
import io.aeron.logbuffer.Header;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.agrona.DirectBuffer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the messages of one image, as {@link IpcFormat} lays them out: straight from the log, once all of one is there. For
 * one thread.
 */
final class IpcReader implements ControlledFragmentHandler, ElementsIn {
    private static final Logger LOG = LoggerFactory.getLogger(IpcReader.class);

    /** After so many bytes the others have their turn, and the writer its room. */
    private static final int AT_ONCE = 256 * 1024;

    private final BufferPool pool;
    private final Consumer<LinkMessage> receiver;
    private DirectBuffer log;
    private int first; // where the message begins in the log
    private int total; // its bytes so far
    private boolean whole; // whether what came so far is as it has to be
    private int base;
    private int read;

    IpcReader(BufferPool pool, Consumer<LinkMessage> receiver) {
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
        read += total;
        handOver();
        return read < AT_ONCE ? Action.CONTINUE : Action.BREAK;
    }

    /** Must not throw: Aeron would give the same fragments again. */
    private void handOver() {
        try {
            if (!whole) {
                throw new WireException("fragments that do not make a message");
            }
            receiver.accept(LinkCodec.read(fields(), pool, this));
        } catch (WireException e) {
            LOG.warn("a message of {} bytes through memory cannot be read: {}", total, e.getMessage());
        } catch (RuntimeException | OutOfMemoryError e) {
            LOG.error("a message of {} bytes through memory is lost", total, e);
        }
    }

    /** The fields, in place if they lie in one fragment. */
    private ByteBuffer fields() {
        if (total < IpcFormat.PREFIX) {
            throw new WireException("a message of " + total + " bytes");
        }
        int length = view(0, IpcFormat.PREFIX).getInt();
        if (length < 0 || length > total - IpcFormat.PREFIX) {
            throw new WireException("a message of " + total + " bytes that claims to have fields of " + length);
        }
        int end = IpcFormat.PREFIX + length;
        base = IpcFormat.align(end);
        if (end <= IpcFormat.PAYLOAD) {
            return view(IpcFormat.PREFIX, length).slice();
        }
        ByteBuffer fields = ByteBuffer.allocate(length);
        for (int at = IpcFormat.PREFIX; at < end; ) {
            int count = Math.min(IpcFormat.PAYLOAD - at % IpcFormat.PAYLOAD, end - at);
            fields.put(view(at, count));
            at += count;
        }
        return fields.flip();
    }

    /** Bytes of the message that lie in one fragment. */
    private ByteBuffer view(int at, int length) {
        return IpcFormat.view(log, first + IpcFormat.distance(at), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void check(int place, long bytes) {
        if (place < 0 || place % IpcFormat.ALIGNMENT != 0 || bytes > total - base - (long) place) {
            throw new WireException(
                    "no " + bytes + " bytes at place " + place + " of a message of " + total + " bytes");
        }
    }

    @Override
    public void get(int place, DenseTensor into) {
        int size = into.dtype().bytes();
        int at = base + place;
        for (int element = 0; element < into.length(); ) {
            int count = Math.min((IpcFormat.PAYLOAD - at % IpcFormat.PAYLOAD) / size, into.length() - element);
            TensorBytes.get(view(at, count * size), into, element, count);
            element += count;
            at += count * size;
        }
    }
}
