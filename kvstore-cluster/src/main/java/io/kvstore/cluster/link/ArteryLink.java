package io.kvstore.cluster.link;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import io.kvstore.tensor.BufferPool;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The road of Akka's remoting, whatever its transport: {@code tcp}, {@code tls-tcp} or {@code aeron-udp}. Messages are
 * written and read by {@link LinkSerializer} on Artery's threads. What a node sends to itself takes the same form, so that
 * nobody shares a tensor with a sender.
 */
final class ArteryLink implements Link {
    private final NodeId self;
    private final BufferPool pool;
    private final ActorRefResolver resolver;
    private final Consumer<LinkMessage> here;
    private final Map<NodeId, ActorRef<LinkMessage>> endpoints = new HashMap<>();

    /** @param here takes what this node sends to itself */
    ArteryLink(ActorSystem<?> system, NodeId self, BufferPool pool, Consumer<LinkMessage> here) {
        this.self = self;
        this.pool = pool;
        this.resolver = ActorRefResolver.get(system);
        this.here = here;
    }

    @Override
    public void send(LinkMessage message) {
        NodeId to = message.to();
        if (to.equals(self) || to.equals(self.anyLife())) {
            here.accept(copy(message));
        } else {
            endpoints
                    .computeIfAbsent(to, node -> resolver.resolveActorRef(node.address() + Endpoints.PATH))
                    .tell(message);
        }
    }

    private LinkMessage copy(LinkMessage message) {
        ByteBuffer bytes = ByteBuffer.allocate(LinkCodec.size(message));
        LinkCodec.write(message, bytes);
        return LinkCodec.read(bytes.flip(), pool);
    }

    @Override
    public void forget(NodeId peer) {
        endpoints.remove(peer);
    }
}
