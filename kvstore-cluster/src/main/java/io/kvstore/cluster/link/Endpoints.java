package io.kvstore.cluster.link;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.Extension;
import akka.actor.typed.ExtensionId;
import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.cluster.ClusterSettings;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.link.LinkMessage.Welcome;
import io.kvstore.tensor.BufferPool;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * The endpoint of an actor system, shared by all its stores: made by the first {@link #get}, ended with the system. Any
 * thread may use it.
 */
public final class Endpoints implements Extension {
    /** Where every node's endpoint lives. */
    public static final String PATH = "/system/kvstore-endpoint";

    /** The extension's id, for {@code ExtensionSetup}. */
    public static final ExtensionId<Endpoints> ID = new ExtensionId<>() {
        @Override
        public Endpoints createExtension(ActorSystem<?> system) {
            return create(system, UnaryOperator.identity());
        }
    };

    private final NodeId self;
    private final LinkSettings settings;
    private final BufferPool pool;
    private final Roads roads;
    private final EndpointCore core;
    private final Serial serial;
    private final Channel.Door door = new Channel.Door() {
        @Override
        public void submit(NodeId peer, Outgoing outgoing) {
            serial.add(() -> core.submit(peer, outgoing));
        }

        @Override
        public void depart() {
            serial.run();
        }

        @Override
        public void close(Channel channel) {
            core.close(channel);
        }
    };

    /**
     * The endpoint of {@code system}.
     *
     * @throws KVStoreException if the system's configuration lacks something; the message lists the lines to add
     */
    public static Endpoints get(ActorSystem<?> system) {
        return ID.apply(system);
    }

    /** An endpoint over a road that {@code road} makes of the real ones, as tests of lossy roads do. */
    static Endpoints create(ActorSystem<?> system, UnaryOperator<Link> road) {
        return new Endpoints(system, road);
    }

    private Endpoints(ActorSystem<?> system, UnaryOperator<Link> road) {
        Config config = system.settings().config();
        LinkConfiguration.require(system.name(), config);
        this.self = NodeId.of(system);
        ClusterSettings cluster = ClusterSettings.of(config);
        this.settings = LinkSettings.of(cluster);
        this.pool = KVStoreSettings.of(config).newPool();
        this.roads = new Roads(
                self,
                new ArteryLink(system, self, pool, this::arrived),
                cluster.road(),
                config.getString("akka.remote.artery.transport").equals("tls-tcp"),
                pool,
                settings.frameBytes(),
                new Node());
        this.core = new EndpointCore(self, settings, road.apply(roads), System::nanoTime);
        this.serial = new Serial(core::flush, system.executionContext());
        system.systemActorOf(
                Endpoint.create(serial, core, roads::close),
                PATH.substring(PATH.lastIndexOf('/') + 1),
                DispatcherSelector.fromConfig("kvstore.link.dispatcher"));
        CoordinatedShutdown.get(system)
                .addTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), "kvstore-link-leave", this::leave);
    }

    /** While there still is a road. */
    private CompletionStage<Done> leave() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        serial.execute(() -> {
            core.leave();
            left.complete(null);
        });
        return left.thenCompose(said -> roads.close())
                .thenApply(closed -> Done.getInstance())
                .completeOnTimeout(Done.getInstance(), 2, TimeUnit.SECONDS);
    }

    /** The endpoint as its roads see it. */
    private final class Node implements Roads.Node {
        @Override
        public boolean serves() {
            return core.serves();
        }

        @Override
        public void arrived(LinkMessage message) {
            Endpoints.this.arrived(message);
        }

        @Override
        public void execute(Runnable task) {
            serial.execute(task);
        }
    }

    private void arrived(LinkMessage message) {
        serial.execute(() -> core.receive(message));
    }

    /** This node. */
    public NodeId self() {
        return self;
    }

    public LinkSettings settings() {
        return settings;
    }

    /** Where the tensors come from that arrive here. */
    public BufferPool pool() {
        return pool;
    }

    /** How messages leave this node. */
    Roads roads() {
        return roads;
    }

    /** A channel whose replies, losses and deaths go to {@code receiver}. */
    public Channel open(Receiver receiver) {
        return core.open(receiver, door);
    }

    /**
     * Makes this node a server: all requests that come to it go to {@code receiver}, which answers through the channel.
     *
     * @throws KVStoreException if it is one already
     */
    public Channel serve(Receiver receiver, Greeter greeter) {
        return core.serve(receiver, greeter, door);
    }

    /**
     * Finds out who is at an address, and the cluster's servers. The stage is completed by whatever thread runs the endpoint: continue
     * with {@code thenApplyAsync}.
     *
     * @param settings what must be equal on all nodes, for the server to compare
     * @param limit a {@code KVStoreTimeoutException} after it; KVStoreException if the server refuses
     */
    public CompletionStage<Welcome> connect(ServerAddress address, String settings, Duration limit) {
        NodeId at = NodeId.at(address);
        CompletableFuture<Welcome> answer = new CompletableFuture<>();
        serial.execute(() -> core.connect(at, settings, limit, answer));
        return answer;
    }
}
