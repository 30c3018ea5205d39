package io.kvstore.cluster.sharding;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
import akka.actor.typed.Terminated;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.PartMail;
import io.kvstore.actor.PartStore;
import io.kvstore.cluster.link.NodeId;
import java.util.Optional;

/**
 * The sharded entity that one part of a key is: it starts where sharding places it, makes the part's actor known to its
 * node, tells where it lives, and hands it what other parts of the key tell it. Workers' requests do not pass through it.
 */
final class KeyEntity {

    /** What one part of a key is sent through the shard regions. */
    sealed interface Request extends ShardMessage {
        EntityId entity();
    }

    /** Asks where an entity lives, and starts it if it does not yet. */
    record Locate(EntityId entity, ActorRef<Located> replyTo) implements Request {}

    /** For the part from another one of its key. */
    record Post(EntityId entity, PartMail mail) implements Request {}

    /** Where it lives; empty if the node where it would live knows no such store yet, or takes no more names for now. */
    record Located(EntityId entity, Optional<NodeId> node) implements ShardMessage {}

    private KeyEntity() {}

    /** An entity that its node cannot take stops again; whoever asks does so once more after a while. */
    static Behavior<Request> create(EntityId id, NodeStores node) {
        return Behaviors.setup(context -> {
            Optional<PartStore> store = node.store(id.store()).filter(node::hasRoom);
            if (store.isEmpty()) {
                return refusing();
            }
            ActorRef<KeyCommand> key = context.spawn(
                    store.get().behavior(id.part()), "key", DispatcherSelector.fromConfig("kvstore.dispatcher"));
            store.get().register(id.part(), key);
            context.watch(key);
            return Behaviors.receive(Request.class)
                    .onMessage(Locate.class, locate -> {
                        locate.replyTo().tell(new Located(id, Optional.of(node.self())));
                        return Behaviors.same();
                    })
                    .onMessage(Post.class, post -> {
                        store.get().deliver(id.part(), post.mail());
                        return Behaviors.same();
                    })
                    .onSignal(Terminated.class, signal -> Behaviors.stopped()) // it had no value
                    .onSignal(PostStop.class, signal -> {
                        store.get().unregister(id.part(), key);
                        return Behaviors.same();
                    })
                    .build();
        });
    }

    private static Behavior<Request> refusing() {
        return Behaviors.receiveMessage(request -> {
            if (request instanceof Locate locate) {
                locate.replyTo().tell(new Located(locate.entity(), Optional.empty()));
            }
            return Behaviors.stopped();
        });
    }
}
