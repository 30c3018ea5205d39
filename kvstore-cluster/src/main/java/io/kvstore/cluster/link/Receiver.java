package io.kvstore.cluster.link;

/**
 * Where a {@link Channel}'s items come in. The endpoint's one thread calls; a method must not block, and hands work that
 * takes time to somebody else.
 */
public interface Receiver {

    /** An item from another node, or from this one. Its tensors are the receiver's to release. */
    void onItem(NodeId from, Item item);

    /**
     * An item that was submitted here and may not have reached {@code peer}; send its like again, or not. The link's hold on
     * its tensors is over: sent again, it needs another.
     */
    void onLost(NodeId peer, Item item);

    /**
     * A node that was silent for the session timeout, or that restarted under another uid. What had not reached it is told
     * to be lost after this. One that was only paused may be heard of again.
     */
    void onDead(NodeId peer);
}
