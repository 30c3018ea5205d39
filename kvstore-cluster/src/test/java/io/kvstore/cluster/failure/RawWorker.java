package io.kvstore.cluster.failure;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.Config;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Part;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.TestServers;
import io.kvstore.cluster.conformance.Workers;
import io.kvstore.cluster.coordinator.Closed;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.cluster.coordinator.CoordinatorClient;
import io.kvstore.cluster.coordinator.Membership;
import io.kvstore.cluster.coordinator.Registration;
import io.kvstore.cluster.coordinator.WorkerIdentity;
import io.kvstore.cluster.coordinator.WorkerListener;
import io.kvstore.cluster.link.Body;
import io.kvstore.cluster.link.Channel;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.Item;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.cluster.link.Receiver;
import io.kvstore.cluster.sharding.Greeting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** A member of a store that says to the servers what it likes, over the wire but without a session that would check it. */
final class RawWorker implements Receiver, WorkerListener, AutoCloseable {
    private final String store;
    private final ActorSystem<Void> system;
    private final Channel channel;
    private final List<NodeId> servers;
    private final CoordinatorClient coordinator;
    private final Map<Long, CompletableFuture<Body>> open = new ConcurrentHashMap<>();

    RawWorker(TestServers servers, String store, String name, int n, String settings) {
        this.store = store;
        Config config = ClusterConfig.worker(Workers.config(servers, store, name, n, settings));
        this.system = ActorSystem.create(Behaviors.empty(), "kvstore", config);
        Endpoints endpoints = Endpoints.get(system);
        this.channel = endpoints.open(this);
        ServerAddress seed = ServerAddress.parse(servers.seedNode());
        this.servers = await(endpoints.connect(seed, Greeting.of(ClusterSettings.of(config)), Duration.ofSeconds(30)))
                .servers();
        this.coordinator =
                CoordinatorClient.start(system, new WorkerIdentity(store, name, n, List.of(seed.uri())), this);
    }

    static <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(60, TimeUnit.SECONDS).join();
    }

    /** Completes when all members are there. */
    CompletionStage<Registration> register() {
        return coordinator.register();
    }

    List<NodeId> servers() {
        return servers;
    }

    /** Asks a server where a part lives. */
    CompletableFuture<Body> locate(NodeId server, Part part) {
        return submit(server, part, new Body.Locate());
    }

    /** The answer of the part, wherever it lives. */
    KeyReply ask(Part part, KeyCommand command) {
        return await(send(part, command));
    }

    CompletableFuture<KeyReply> send(Part part, KeyCommand command) {
        Body home = await(locate(servers.get(0), part));
        return send(((Body.Located) home).node(), part, command);
    }

    CompletableFuture<KeyReply> send(NodeId node, Part part, KeyCommand command) {
        return submit(node, part, new Body.Request(command)).thenApply(body -> ((Body.Answer) body).reply());
    }

    private CompletableFuture<Body> submit(NodeId server, Part part, Body body) {
        long call = channel.nextCall();
        CompletableFuture<Body> answer = new CompletableFuture<>();
        open.put(call, answer);
        channel.submit(server, new Item(call, store, part, 0, body));
        return answer;
    }

    @Override
    public void onItem(NodeId from, Item item) {
        CompletableFuture<Body> answer = open.remove(item.call());
        if (answer != null) {
            answer.complete(item.body());
        }
    }

    @Override
    public void onLost(NodeId peer, Item item) {
        open.remove(item.call()).completeExceptionally(new AssertionError("lost: " + item));
    }

    @Override
    public void onDead(NodeId peer) {}

    @Override
    public void closed(long incarnation, Closed why) {}

    @Override
    public void membersChanged(Membership membership) {}

    @Override
    public void configChanged(Configuration configuration) {}

    @Override
    public void serversChanged(List<String> addresses) {}

    @Override
    public void close() {
        coordinator.close();
        system.terminate();
        await(system.getWhenTerminated());
    }
}
