package io.kvstore.cluster.sharding;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.Cluster;
import akka.cluster.Member;
import akka.cluster.MemberStatus;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.ShardingMessageExtractor;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.Reason;
import io.kvstore.ServerController;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;
import io.kvstore.actor.Part;
import io.kvstore.actor.PartMail;
import io.kvstore.actor.PartStore;
import io.kvstore.cluster.ClusterConfig;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.cluster.coordinator.CoordinatorNode;
import io.kvstore.cluster.coordinator.Membership;
import io.kvstore.cluster.coordinator.StoreListener;
import io.kvstore.cluster.link.Body;
import io.kvstore.cluster.link.Channel;
import io.kvstore.cluster.link.Endpoints;
import io.kvstore.cluster.link.Item;
import io.kvstore.cluster.link.NodeId;
import io.kvstore.cluster.link.Receiver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.StreamSupport;

/**
 * What one server node has of all stores: takes requests from the endpoint to the keys that live here, answers where others
 * live, and tells the keys what the coordinator decided.
 */
public final class NodeStores implements Receiver, StoreListener {
    private static final EntityTypeKey<KeyEntity.Request> TYPE =
            EntityTypeKey.create(KeyEntity.Request.class, "kvstore");

    private final ActorSystem<?> system;
    private final ClusterSettings settings;
    private final Endpoints endpoints;
    private final Commands commands;
    private final int maxPartsWithoutValue;
    private final Map<String, NodeStore> stores = new ConcurrentHashMap<>();
    private final Asked asked = new Asked();
    private final Map<EntityId, List<Asked.Request>> looking = new ConcurrentHashMap<>();
    private Channel channel;
    private ActorRef<KeyReply> replies;
    private boolean departing; // only of the actor of replies
    private ActorRef<KeyEntity.Located> locations;
    private ActorRef<KeyEntity.Request> region;

    private NodeStores(ActorSystem<?> system, ClusterSettings settings, Optional<ServerController> controller) {
        this.system = system;
        this.settings = settings;
        this.endpoints = Endpoints.get(system);
        this.maxPartsWithoutValue = system.settings().config().getInt("kvstore.max-parts-without-value");
        this.commands = new Commands(
                this::store,
                controller,
                system.dispatchers().lookup(DispatcherSelector.fromConfig("kvstore.callback-dispatcher")));
    }

    /**
     * Makes {@code system}, a cluster member with the role of servers, one that keys live on; once in its life.
     *
     * @throws KVStoreException if its configuration lacks something
     */
    public static NodeStores start(
            ActorSystem<?> system, ClusterSettings settings, Optional<ServerController> controller) {
        NodeStores node = new NodeStores(system, settings, controller);
        node.startActors();
        node.channel = node.endpoints.serve(node, node::greet);
        CoordinatorNode.start(system, node);
        return node;
    }

    private void startActors() {
        DispatcherSelector dispatcher = DispatcherSelector.fromConfig("kvstore.dispatcher");
        replies = system.systemActorOf(replies(), "kvstore-replies", dispatcher);
        locations = system.systemActorOf(each(this::onLocated), "kvstore-locations", dispatcher);
        region = ClusterSharding.get(system)
                .init(Entity.of(TYPE, context -> KeyEntity.create(EntityId.parse(context.getEntityId()), this))
                        .withRole(ClusterConfig.SERVER_ROLE)
                        .withSettings(ClusterShardingSettings.create(system).withNoPassivationStrategy())
                        .withMessageExtractor(new Extractor(settings.shards()))
                        .withAllocationStrategy(new KeyAllocation(
                                Cluster.get(system).selfMember().address(), settings.shards())));
    }

    private interface Take<T> {
        void take(T message);
    }

    private static <T> Behavior<T> each(Take<T> take) {
        return Behaviors.receiveMessage(message -> {
            take.take(message);
            return Behaviors.same();
        });
    }

    private enum Depart {
        INSTANCE
    }

    /** What keys answer one after the other leaves together. */
    private Behavior<KeyReply> replies() {
        return Behaviors.<Object>setup(context -> Behaviors.receive(Object.class)
                        .onMessageEquals(Depart.INSTANCE, () -> {
                            departing = false;
                            channel.depart();
                            return Behaviors.same();
                        })
                        .onMessage(KeyReply.class, reply -> {
                            onReply(reply);
                            if (!departing) {
                                departing = true;
                                context.getSelf().tell(Depart.INSTANCE);
                            }
                            return Behaviors.same();
                        })
                        .build())
                .narrow();
    }

    /** The name of an entity is in the message itself, so that no envelope is needed. */
    private static final class Extractor extends ShardingMessageExtractor<KeyEntity.Request, KeyEntity.Request> {
        private final int shards;

        Extractor(int shards) {
            this.shards = shards;
        }

        @Override
        public String entityId(KeyEntity.Request message) {
            return message.entity().toString();
        }

        @Override
        public String shardId(String entityId) {
            return Integer.toString(Placement.shard(EntityId.parse(entityId), shards));
        }

        @Override
        public KeyEntity.Request unwrapMessage(KeyEntity.Request message) {
            return message;
        }
    }

    NodeId self() {
        return endpoints.self();
    }

    Optional<PartStore> store(String name) {
        return Optional.ofNullable(stores.get(name)).flatMap(NodeStore::parts);
    }

    /** Whether one more name may have an actor here: most of those that are only asked for have never had a value. */
    boolean hasRoom(PartStore store) {
        return store.partsWithoutValue() < maxPartsWithoutValue;
    }

    /** The names of the stores that this node knows. */
    public List<String> names() {
        return stores.keySet().stream().sorted().toList();
    }

    /** One store's share of this node, for reports. */
    public Optional<NodeStore> report(String name) {
        return Optional.ofNullable(stores.get(name));
    }

    /** Requests that keys of this node have not answered. */
    public int openRequests() {
        return asked.size();
    }

    // ---------------------------------------------------------------- requests

    private List<NodeId> greet(NodeId from, String given) {
        String own = Greeting.of(settings);
        if (!own.equals(given)) {
            throw new KVStoreException(Reason.INVALID_CONFIGURATION, Greeting.difference(own, given));
        }
        List<NodeId> servers = StreamSupport.stream(
                        Cluster.get(system).state().getMembers().spliterator(), false)
                .filter(member -> member.status() == MemberStatus.up() && member.hasRole(ClusterConfig.SERVER_ROLE))
                .map(Member::uniqueAddress)
                .map(NodeId::of)
                .sorted()
                .toList();
        if (servers.size() < settings.job().servers()) {
            throw new KVStoreException(
                    Reason.BUSY, servers.size() + " of " + settings.job().servers() + " servers are up: " + servers);
        }
        return servers;
    }

    @Override
    public void onItem(NodeId from, Item item) {
        if (item.body() instanceof Body.Locate) {
            locate(from, item);
        } else if (item.body() instanceof Body.Request request) {
            request(from, item, request.command());
        }
    }

    private void request(NodeId from, Item item, KeyCommand command) {
        Optional<ActorRef<KeyCommand>> key = store(item.store()).flatMap(store -> store.actor(item.part()));
        if (key.isEmpty()) {
            command.release();
            channel.submit(from, item.answer(new Body.NotHere()));
        } else {
            key.get().tell(command.answering(asked.add(from, item), replies));
        }
    }

    private void onReply(KeyReply reply) {
        Asked.Request request = reply.isLast() ? asked.remove(reply.id()) : asked.find(reply.id());
        if (request == null) {
            reply.release();
            return;
        }
        try {
            channel.queue(request.from(), request.item().answer(new Body.Answer(reply)));
        } catch (KVStoreException e) { // larger than a frame
            reply.release();
            KeyReply refused = new KeyReply.Refused(reply.key(), reply.id(), e.reason(), e.getMessage());
            channel.queue(request.from(), request.item().answer(new Body.Answer(refused)));
        }
    }

    private void locate(NodeId from, Item item) {
        Optional<PartStore> store = store(item.store());
        if (store.isEmpty()) {
            channel.submit(from, item.answer(new Body.NotHere()));
        } else if (store.get().actor(item.part()).isPresent()) {
            channel.submit(from, item.answer(new Body.Located(self())));
        } else {
            EntityId entity = new EntityId(item.store(), item.part());
            looking.compute(entity, (id, before) -> {
                List<Asked.Request> all = before == null ? new ArrayList<>() : new ArrayList<>(before);
                all.removeIf(each -> each.from().equals(from));
                all.add(new Asked.Request(from, item));
                return all;
            });
            region.tell(new KeyEntity.Locate(entity, locations));
        }
    }

    private void onLocated(KeyEntity.Located located) {
        List<Asked.Request> all = looking.remove(located.entity());
        if (all != null) {
            Body answer = located.node().<Body>map(Body.Located::new).orElseGet(Body.NotHere::new);
            all.forEach(each -> channel.submit(each.from(), each.item().answer(answer)));
        }
    }

    /** A worker sends again what matters; nothing is asked from here. */
    @Override
    public void onLost(NodeId peer, Item item) {}

    @Override
    public void onDead(NodeId peer) {
        asked.forget(peer);
        looking.keySet()
                .forEach(entity -> looking.computeIfPresent(entity, (id, all) -> {
                    List<Asked.Request> others = all.stream()
                            .filter(each -> !each.from().equals(peer))
                            .toList();
                    return others.isEmpty() ? null : others;
                }));
    }

    // ---------------------------------------------------------------- decisions of the coordinator

    private NodeStore nodeStore(String name) {
        return stores.computeIfAbsent(
                name,
                n -> new NodeStore(
                        n,
                        KVStoreSettings.of(system.settings().config()),
                        system.settings().config().getBytes("kvstore.rounds.held-bytes"),
                        (part, mail) -> post(n, part, mail),
                        system.settings().config().getDuration("kvstore.session-timeout")));
    }

    /** Takes what one part tells another of its key there, which may be here. */
    private void post(String store, Part to, PartMail mail) {
        boolean here = store(store).map(parts -> parts.deliver(to, mail)).orElse(false);
        if (!here) {
            region.tell(new KeyEntity.Post(new EntityId(store, to), mail));
        }
    }

    @Override
    public void membersChanged(String store, Membership membership) {
        nodeStore(store).membership(membership);
    }

    @Override
    public void configChanged(String store, Configuration configuration) {
        nodeStore(store).configure(configuration);
    }

    @Override
    public CompletionStage<String> runCommand(String store, CommandKind kind, int head, String body) {
        return commands.run(store, kind, head, body);
    }
}
