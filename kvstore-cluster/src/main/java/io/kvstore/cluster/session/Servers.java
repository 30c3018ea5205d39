package io.kvstore.cluster.session;

import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.cluster.link.NodeId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The servers that a session knows, to ask where keys live. Any thread may use it. */
final class Servers {
    private static final Logger log = LoggerFactory.getLogger(Servers.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private final Endpoints endpoints;
    private final String greeting;
    private final CopyOnWriteArrayList<NodeId> known = new CopyOnWriteArrayList<>();
    private final Map<ServerAddress, Boolean> asking = new ConcurrentHashMap<>();
    private final AtomicInteger turn = new AtomicInteger();

    Servers(Endpoints endpoints, String greeting) {
        this.endpoints = endpoints;
        this.greeting = greeting;
    }

    /** Those that a server named. */
    void are(List<NodeId> servers) {
        known.retainAll(servers);
        known.addAllAbsent(servers);
    }

    /** Asks the ones at these addresses who they are, unless that is known. */
    void meet(List<ServerAddress> addresses) {
        for (ServerAddress address : addresses) {
            NodeId any = NodeId.at(address);
            boolean met = known.stream().anyMatch(node -> node.anyLife().equals(any));
            if (!met && asking.putIfAbsent(address, true) == null) {
                endpoints.connect(address, greeting, LIMIT).whenComplete((welcome, problem) -> {
                    asking.remove(address);
                    met(welcome, problem);
                });
            }
        }
    }

    /** Asks the one at an address who it is. */
    CompletionStage<Welcome> greet(ServerAddress address) {
        return endpoints.connect(address, greeting, LIMIT);
    }

    private void met(Welcome welcome, Throwable problem) {
        if (problem != null) {
            log.debug("a server could not be met", problem);
        } else {
            are(welcome.servers());
        }
    }

    void forget(NodeId server) {
        known.remove(server);
    }

    List<NodeId> all() {
        return List.copyOf(known);
    }

    /** Each in turn; null if none is known. */
    NodeId any() {
        List<NodeId> all = List.copyOf(known);
        return all.isEmpty() ? null : all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
    }
}
