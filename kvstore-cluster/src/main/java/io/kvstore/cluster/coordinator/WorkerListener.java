package io.kvstore.cluster.coordinator;

import java.util.List;

/**
 * Hears what the coordinator tells a worker. Called on one thread at a time, on which the heartbeats run: an
 * implementation does not block.
 */
public interface WorkerListener {

    /** The life is over: servers refuse what it sends from now on. */
    void closed(long incarnation, Closed why);

    void membersChanged(Membership membership);

    /** {@code configuration} is on every server. */
    void configChanged(Configuration configuration);

    /** The addresses of the servers that are up. */
    void serversChanged(List<String> servers);
}
