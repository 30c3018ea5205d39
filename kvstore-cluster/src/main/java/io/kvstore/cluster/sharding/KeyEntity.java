package io.kvstore.cluster.sharding;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.PostStop;
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

    /** Where it lives. */
    record Located(EntityId entity, NodeId node) implements ShardMessage {}

    private KeyEntity() {}

    /** An entity of a store that its node does not know stops again; it is asked for once more when that has changed. */
    static Behavior<Request> create(EntityId id, NodeStores node) {
        return Behaviors.setup(context -> {
            Optional<PartStore> store = node.store(id.store());
            if (store.isEmpty()) {
                return Behaviors.stopped();
            }
            ActorRef<KeyCommand> key = context.spawn(
                    store.get().behavior(id.part()), "key", DispatcherSelector.fromConfig("kvstore.dispatcher"));
            store.get().register(id.part(), key);
            return Behaviors.receive(Request.class)
                    .onMessage(Locate.class, locate -> {
                        locate.replyTo().tell(new Located(id, node.self()));
                        return Behaviors.same();
                    })
                    .onMessage(Post.class, post -> {
                        store.get().deliver(id.part(), post.mail());
                        return Behaviors.same();
                    })
                    .onSignal(PostStop.class, signal -> {
                        store.get().unregister(id.part(), key);
                        return Behaviors.same();
                    })
                    .build();
        });
    }
}
