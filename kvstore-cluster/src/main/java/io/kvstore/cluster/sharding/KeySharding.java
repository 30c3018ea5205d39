package io.kvstore.cluster.sharding;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.cluster.sharding.typed.ClusterShardingSettings;
import akka.cluster.sharding.typed.ShardingMessageExtractor;
import akka.cluster.sharding.typed.javadsl.ClusterSharding;
import akka.cluster.sharding.typed.javadsl.Entity;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import io.kvstore.cluster.ClusterConfig;
import java.util.function.Function;

/** Starts a server node's share of the sharded parts of keys. */
public final class KeySharding {
    private KeySharding() {}

    /**
     * Makes this node one that parts live on. Nothing is passivated, rebalanced or remembered.
     *
     * @param system a cluster member with the role {@link ClusterConfig#SERVER_ROLE}
     * @param type names the entities, the same on all servers
     * @param shards the number of shards, the same on all servers
     * @param addressee the part that a message is for
     * @param part the behaviour of one part
     * @return takes messages for any part in the cluster
     */
    public static <M> ActorRef<M> start(
            ActorSystem<?> system,
            EntityTypeKey<M> type,
            int shards,
            Function<M, EntityId> addressee,
            Function<EntityId, Behavior<M>> part) {
        ClusterShardingSettings settings = ClusterShardingSettings.create(system)
                .withRole(ClusterConfig.SERVER_ROLE)
                .withNoPassivationStrategy()
                .withRememberEntities(false);
        Entity<M, M> entity = Entity.of(type, context -> part.apply(EntityId.parse(context.getEntityId())))
                .withSettings(settings)
                .withMessageExtractor(new PartExtractor<>(shards, addressee))
                .withAllocationStrategy(
                        new KeyAllocation(Cluster.get(system).selfMember().address(), shards));
        return ClusterSharding.get(system).init(entity);
    }

    /** Reads the part from the message itself: an envelope would cost a copy. */
    private static final class PartExtractor<M> extends ShardingMessageExtractor<M, M> {
        private final int shards;
        private final Function<M, EntityId> addressee;

        PartExtractor(int shards, Function<M, EntityId> addressee) {
            this.shards = shards;
            this.addressee = addressee;
        }

        @Override
        public String entityId(M message) {
            return addressee.apply(message).toString();
        }

        @Override
        public String shardId(String entityId) {
            return Integer.toString(Placement.shard(EntityId.parse(entityId), shards));
        }

        @Override
        public M unwrapMessage(M message) {
            return message;
        }
    }
}
