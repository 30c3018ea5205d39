package io.kvstore.cluster.coordinator;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.StreamSupport;

/** Server nodes in this JVM, each with its own ActorSystem, and ActorSystems for workers that are no members. */
final class CoordinatorServers implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(60);

    private static final Config COMMON = ConfigFactory.parseString("""
            kvstore {
              session-timeout = 3 s
              heartbeat-interval = 300 ms
              coordinator.resend-after = 150 ms
            }
            akka {
              loglevel = ERROR
              log-dead-letters = off
              actor { allow-java-serialization = off, serialize-messages = on }
              remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
              coordinated-shutdown { exit-jvm = off, run-by-jvm-shutdown-hook = off, run-by-actor-system-terminate = off }
            }
            """);

    private static final Config SERVER = ConfigFactory.parseString("""
            akka {
              actor.provider = cluster
              cluster {
                roles = ["kvstore-server"]
                jmx.enabled = off
                downing-provider-class = "akka.cluster.sbr.SplitBrainResolverProvider"
                split-brain-resolver { active-strategy = keep-majority, stable-after = 1 s }
                failure-detector { heartbeat-interval = 250 ms, acceptable-heartbeat-pause = 2 s }
                singleton.hand-over-retry-interval = 200 ms
                singleton-proxy.singleton-identification-interval = 200 ms
              }
            }
            """).withFallback(COMMON);

    private static final Config WORKER =
            ConfigFactory.parseString("akka.actor.provider = remote").withFallback(COMMON);

    /** One server. */
    record Node(ActorSystem<Void> system, RecordingListener listener, CoordinatorNode coordinator) {
        String address() {
            return system.address().toString();
        }

        int port() {
            return (int) system.address().port().get();
        }

        private long serversUp() {
            return StreamSupport.stream(Cluster.get(system).state().getMembers().spliterator(), false)
                    .map(Member::status)
                    .filter(MemberStatus.up()::equals)
                    .count();
        }
    }

    private final List<Node> nodes = new ArrayList<>();
    private final List<ActorSystem<Void>> workers = new ArrayList<>();

    /** Starts {@code count} servers, one after the other, and waits until each sees all. */
    CoordinatorServers(int count) {
        for (int i = 0; i < count; i++) {
            start();
        }
    }

    /** Starts another server, which joins those that are there. */
    Node start() {
        return start(0);
    }

    /** As {@link #start()}, at a port that a server of this test had before. */
    Node start(int port) {
        Config at = ConfigFactory.parseString("akka.remote.artery.canonical.port = " + port);
        ActorSystem<Void> system = ActorSystem.create(
                Behaviors.empty(), "kvstore", at.withFallback(SERVER).withFallback(ConfigFactory.load()));
        RecordingListener listener = new RecordingListener();
        Node node = new Node(system, listener, CoordinatorNode.start(system, listener));
        Cluster cluster = Cluster.get(system);
        cluster.manager().tell(Join.create((nodes.isEmpty() ? node : nodes.get(0)).system.address()));
        nodes.add(node);
        await("all servers see each other", () -> nodes.stream().allMatch(each -> each.serversUp() == nodes.size()));
        return node;
    }

    List<Node> nodes() {
        return nodes;
    }

    List<String> addresses() {
        return nodes.stream().map(Node::address).toList();
    }

    /** Ends a server as if its machine had failed. */
    void kill(Node node) {
        nodes.remove(node);
        stop(node.system);
    }

    /** Has a server leave in good order. */
    void leave(Node node) {
        nodes.remove(node);
        await(
                "the server has left",
                CoordinatedShutdown.get(node.system)
                        .runAll(CoordinatedShutdown.clusterLeavingReason())
                        .toCompletableFuture()::isDone);
    }

    /** An ActorSystem that is no member of the cluster. */
    ActorSystem<Void> workerSystem() {
        ActorSystem<Void> system =
                ActorSystem.create(Behaviors.empty(), "trainer", WORKER.withFallback(ConfigFactory.load()));
        workers.add(system);
        return system;
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + LIMIT + ": " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    @Override
    public void close() {
        for (ActorSystem<Void> each : workers) {
            stop(each);
        }
        for (Node each : nodes) {
            stop(each.system);
        }
    }

    private static void stop(ActorSystem<Void> system) {
        system.terminate();
        await("the system has ended", system.getWhenTerminated().toCompletableFuture()::isDone);
    }
}
