package io.kvstore.cluster.link;

import io.kvstore.KVStoreException;
import java.util.List;

/** How a server answers those that come to it. Called by the endpoint's one thread; must not block. */
@FunctionalInterface
public interface Greeter {

    /**
     * The servers of the cluster, for a node that says hello.
     *
     * @param settings the other node's {@link LinkMessage.Hello#settings}
     * @throws KVStoreException if it cannot be served; with {@link io.kvstore.Reason#BUSY} it asks again
     */
    List<NodeId> greet(NodeId from, String settings);
}
