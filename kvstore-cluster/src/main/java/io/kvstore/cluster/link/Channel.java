package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.concurrent.atomic.AtomicLong;

/** One user of an endpoint, such as a store's session: sends items and gets the replies to them. Any thread may use it. */
public final class Channel implements AutoCloseable {
    /** Replies find their channel by the upper bits of the call, above this many for its calls. */
    static final int CALL_BITS = 40;

    /** Hands items and endings to the endpoint. */
    interface Door {
        void submit(NodeId peer, Outgoing outgoing);

        /** What was submitted leaves as soon as there is room; who runs the core itself flushes it. */
        default void depart() {}

        void close(Channel channel);
    }

    private final int number;
    private final Receiver receiver;
    private final LinkSettings settings;
    private final Door door;
    private final AtomicLong calls = new AtomicLong();

    Channel(int number, Receiver receiver, LinkSettings settings, Door door) {
        this.number = number;
        this.receiver = receiver;
        this.settings = settings;
        this.door = door;
    }

    /** A number for a request, that no other request of this node has. */
    public long nextCall() {
        return (long) number << CALL_BITS | calls.incrementAndGet();
    }

    static int numberOf(long call) {
        return (int) (call >>> CALL_BITS);
    }

    /** As {@link #queue}, and the item leaves as soon as there is room. */
    public void submit(NodeId peer, Item item) {
        queue(peer, item);
        depart();
    }

    /** What was queued leaves as soon as there is room. */
    public void depart() {
        door.depart();
    }

    /**
     * Queues an item for {@code peer}, which may be this node, until {@link #depart} is called. Items of one thread keep their order; see {@link Item} for
     * priorities.
     *
     * <p>Its tensors are read later, when there is room. One hold on each passes to the link, which releases it once the peer
     * has the item, or is found dead before the item left. The hold on a lost item's tensors is given up without release,
     * for a road may still read them; the garbage collector gets them.
     *
     * @throws KVStoreException if the item is larger than a frame, or cannot travel; then nothing was taken over
     */
    public void queue(NodeId peer, Item item) {
        long bytes = ItemCodec.size(item);
        if (bytes > settings.itemBytes()) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    item.part().key(),
                    "a message of " + bytes + " bytes for slice " + item.part().slice()
                            + " is larger than a frame; at most " + settings.itemBytes()
                            + " bytes can travel, so send it in pieces or raise kvstore.slice-bytes on all nodes");
        }
        door.submit(peer, new Outgoing(item, (int) bytes, receiver));
    }

    /** Ends the delivery of replies; what was submitted still leaves. */
    @Override
    public void close() {
        door.close(this);
    }

    int number() {
        return number;
    }

    Receiver receiver() {
        return receiver;
    }
}
