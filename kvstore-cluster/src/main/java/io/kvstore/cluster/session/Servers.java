package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.session.Times;
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
    private final List<ServerAddress> seeds;
    private final Runnable onMet;
    private final CopyOnWriteArrayList<NodeId> known = new CopyOnWriteArrayList<>();
    private final Map<ServerAddress, Boolean> asking = new ConcurrentHashMap<>();
    private volatile List<ServerAddress> told;
    private final AtomicInteger turn = new AtomicInteger();

    /**
     * @param seeds whom to ask when no other is known
     * @param onMet runs when a server was found that was not known
     */
    Servers(Endpoints endpoints, String greeting, List<ServerAddress> seeds, Runnable onMet) {
        this.endpoints = endpoints;
        this.greeting = greeting;
        this.seeds = seeds;
        this.told = seeds;
        this.onMet = onMet;
    }

    /**
     * Greets each seed in turn until one answers, and learns from it who the servers are.
     *
     * @throws KVStoreException if the first that answers has other settings; {@link KVStoreTimeoutException} if none does
     *     within patience
     */
    void meetFirst(CoordinatorCalls calls) {
        long until = System.nanoTime() + calls.patience().toNanos();
        KVStoreException last = null;
        while (System.nanoTime() < until) {
            for (ServerAddress seed : seeds) {
                try {
                    are(calls.await("create", greet(seed), () -> "no answer from " + seed)
                            .servers());
                    return;
                } catch (KVStoreTimeoutException e) {
                    last = e;
                    log.info("still waiting for a server at {}: {}", seed, e.getMessage());
                }
            }
        }
        throw new KVStoreTimeoutException(
                null,
                "create: no server of " + seeds + " has answered within " + Times.text(calls.patience())
                        + (last == null ? "" : ": " + last.getMessage()));
    }

    /** Those that a server named. */
    private void are(List<NodeId> servers) {
        known.retainAll(servers);
        known.addAllAbsent(servers);
    }

    /** The servers are at these addresses now: asks who they are, unless that is known. */
    void areAt(List<ServerAddress> addresses) {
        told = addresses;
        meet(addresses);
    }

    private void meet(List<ServerAddress> addresses) {
        for (ServerAddress address : addresses) {
            NodeId any = NodeId.at(address);
            boolean met = known.stream().anyMatch(node -> node.anyLife().equals(any));
            if (!met && asking.putIfAbsent(address, true) == null) {
                greet(address).whenComplete((welcome, problem) -> {
                    asking.remove(address);
                    met(welcome, problem);
                });
            }
        }
    }

    /** Asks the one at an address who it is. */
    private CompletionStage<Welcome> greet(ServerAddress address) {
        return endpoints.connect(address, greeting, LIMIT);
    }

    private void met(Welcome welcome, Throwable problem) {
        if (problem != null) {
            log.debug("a server could not be met", problem);
        } else {
            are(welcome.servers());
            onMet.run();
        }
    }

    void forget(NodeId server) {
        known.remove(server);
    }

    /** Each in turn; null if none is known: then those that were are asked whether they are back. */
    NodeId any() {
        List<NodeId> all = List.copyOf(known);
        if (all.isEmpty()) {
            meet(told);
            meet(seeds);
        }
        return all.isEmpty() ? null : all.get(Math.floorMod(turn.getAndIncrement(), all.size()));
    }
}
