package io.kvstore.cluster.coordinator;

import java.util.Collection;
import java.util.List;

/** What the parts of a leading coordinator share. */
interface Office<R> {
    CoordinatorSettings settings();

    Ballot ballot();

    /** The servers that are up, in one order. */
    Collection<Server> servers();

    /** Their addresses, as many as a message holds. */
    default List<String> addresses() {
        return servers().stream().map(Server::address).limit(Limits.SERVERS).toList();
    }

    /** How many servers were lost and have not come back. */
    int lostServers();

    void reply(R worker, String store, WorkerReply.Answer answer);

    void order(Server server, ViewRequest.Order order);
}
