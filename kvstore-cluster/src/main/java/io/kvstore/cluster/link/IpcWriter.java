package io.kvstore.cluster.link;

import io.aeron.ExclusivePublication;
import io.aeron.Publication;
import io.aeron.logbuffer.BufferClaim;
import io.aeron.logbuffer.FrameDescriptor;
import io.kvstore.KVStoreException;
import io.kvstore.cluster.link.LinkMessage.Frame;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.TensorBytes;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes messages into one publication, as {@link IpcFormat} lays them out. For one thread. */
final class IpcWriter implements ElementsOut {
    private static final Logger LOG = LoggerFactory.getLogger(IpcWriter.class);

    /** Elements of a tensor, and their place in the message. */
    private record Run(int place, Dense tensor) {
        int end() {
            return place + (int) tensor.bytes();
        }
    }

    private final ExclusivePublication publication;
    private final IpcRing elements;
    private final ByteBuffer fields; // with the prefix
    private final List<Run> runs = new ArrayList<>();
    private final BufferClaim claim = new BufferClaim();
    private final ByteBuffer probe = ByteBuffer.allocate(Long.BYTES); // for an element of the widest type
    private LinkMessage laidOut; // what fields and runs are of
    private int apart; // bytes of runs, with gaps

    /** @param messageBytes the largest message */
    IpcWriter(ExclusivePublication publication, IpcRing elements, int messageBytes) {
        this.publication = publication;
        this.elements = elements;
        int places = messageBytes / LEAST_BYTES * Integer.BYTES;
        this.fields = ByteBuffer.allocateDirect(IpcFormat.PREFIX + messageBytes + places)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Writes the whole message, or nothing. A frame that its sender has given up is not written.
     *
     * @return false if there is no room now, or nobody reads: to be tried again
     */
    boolean write(LinkMessage message) {
        Lease lease = message instanceof Frame frame ? frame.lease() : null;
        if (lease == null) {
            return writeNow(message);
        }
        if (!lease.enter()) {
            forget();
            return true;
        }
        try {
            return writeNow(message);
        } finally {
            lease.leave();
        }
    }

    private boolean writeNow(LinkMessage message) {
        if (laidOut != message) {
            layOut(message);
        }
        if (!elements.hasRoom(apart) || !reachesOneTerm(IpcFormat.framed(fields.limit()))) {
            return false;
        }
        try {
            for (Run run : runs) {
                elements.put(run.place, run.tensor);
            }
            publish();
            elements.written(apart);
        } catch (KVStoreException | IllegalStateException e) {
            LOG.debug("a tensor was taken back while its frame was written", e); // so the frame is lost
        } finally {
            forget();
        }
        return true;
    }

    private void forget() {
        laidOut = null;
        runs.clear();
    }

    private void layOut(LinkMessage message) {
        runs.clear();
        apart = 0;
        fields.clear().position(IpcFormat.PREFIX);
        LinkCodec.write(message, fields, this);
        fields.putLong(0, elements.position()).putInt(Long.BYTES, apart);
        fields.flip();
        laidOut = message;
    }

    /** Keeps the elements for when there is room. */
    @Override
    public int add(Dense tensor) {
        TensorBytes.put(tensor, 0, 1, probe.clear()); // throws if it was released or taken back
        Run run = new Run(apart, tensor);
        runs.add(run);
        apart = IpcFormat.align(run.end());
        return run.place();
    }

    /** Whether the message has room, once what is left of the term is passed over if it does not fit there. */
    private boolean reachesOneTerm(int framed) {
        int left = publication.termBufferLength() - publication.termOffset();
        int skipped = left < framed ? left : 0;
        if (!publication.isConnected() || publication.availableWindow() < framed + skipped) {
            return false;
        }
        while (publication.termBufferLength() - publication.termOffset() < framed) {
            long result = publication.appendPadding(Math.min(publication.maxMessageLength(), left));
            if (result < 0 && result != Publication.ADMIN_ACTION) {
                return false;
            }
        }
        return true;
    }

    private void publish() {
        int total = fields.limit();
        int at = 0;
        while (at < total) {
            int length = Math.min(IpcFormat.PAYLOAD, total - at);
            long result = publication.tryClaim(length, claim);
            if (result < 0) {
                throw new IllegalStateException("no room in a term that had enough: " + result);
            }
            claim.buffer().putBytes(claim.offset(), fields, at, length);
            at += length;
            byte first = at == length ? FrameDescriptor.BEGIN_FRAG_FLAG : 0;
            byte last = at == total ? FrameDescriptor.END_FRAG_FLAG : 0;
            claim.flags((byte) (first | last)).commit();
        }
    }
}
