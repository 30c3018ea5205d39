package io.kvstore.cluster.status;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** The stores of a server node, told on request without holding anybody up. */
@FunctionalInterface
public interface StatusSource {

    /** One entry for each store that has a key, a worker or a wait on this node. */
    CompletionStage<List<StoreStatus>> stores();
}
