package io.kvstore.cluster.coordinator;

import io.kvstore.Reason;
import java.util.List;

/**
 * What the coordinator tells a worker.
 *
 * @param term of the coordinator; a worker ignores smaller ones than it has heard of
 */
record WorkerReply(long term, String store, Answer answer) implements CoordinatorMessage, ClientActor.Command {

    sealed interface Answer {}

    /** To be sent with a {@link WorkerRequest.Register}; with the servers that the worker may ask. */
    record Ticket(long call, long ticket, List<String> servers) implements Answer {
        public Ticket {
            servers = List.copyOf(servers);
        }
    }

    record Registered(long call, String name, int rank, long incarnation, News news) implements Answer {}

    /** The request will not be carried out. */
    record Refused(long call, Reason reason, String message) implements Answer {}

    /** What the request waits for, for people to read. */
    record Waiting(long call, String text) implements Answer {}

    /**
     * All there is to know of a store.
     *
     * @param number grows within a term
     * @param released the last barrier that all workers have come to
     * @param configuration the last that is on every server
     * @param servers the addresses of those that are up
     */
    record News(long number, long released, Membership membership, Configuration configuration, List<String> servers)
            implements Answer {
        News {
            servers = List.copyOf(servers);
        }
    }

    /** The heartbeat was heard, and there is no news. */
    record Alive() implements Answer {}

    /** A life is over. */
    record SessionClosed(String worker, long incarnation, Closed why) implements Answer {}

    /** The configuration asked for is on every server. */
    record Configured(long call, long version) implements Answer {}

    /** One of {@code servers} outcomes. */
    record CommandRan(long call, int servers, CommandOutcome outcome) implements Answer {}

    record DeadNodes(long call, int count) implements Answer {}
}
