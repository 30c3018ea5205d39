package io.kvstore.cluster.link;

/**
 * A road between nodes. It may lose, repeat, delay and reorder messages; it never alters one, and never blocks the caller.
 * What arrives goes to the other node's {@link EndpointCore#receive}.
 */
public interface Link {

    /** Sends to {@code message.to()}. A frame's tensors are read now or later, while its lease lasts. */
    void send(LinkMessage message);

    /** Takes what a peer says about roads. */
    default void negotiate(LinkMessage.OfRoads message) {}

    /** Bytes that are best on their way to a peer at once, at most {@code limit}. */
    default long window(NodeId peer, long limit) {
        return limit;
    }

    /** Lets go of what is kept for a peer that died. */
    default void forget(NodeId peer) {}
}
