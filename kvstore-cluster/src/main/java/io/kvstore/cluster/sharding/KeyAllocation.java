package io.kvstore.cluster.sharding;

import akka.actor.ActorRef;
import akka.actor.Address;
import akka.cluster.sharding.ShardCoordinator.AbstractShardAllocationStrategy;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Places shards by {@link ShardDealer} and never moves one: a moved key would lose its value. A server that joins later
 * gets shards that no key has used yet.
 *
 * <p>It keeps nothing, so a coordinator that starts on another node decides alike.
 */
public final class KeyAllocation extends AbstractShardAllocationStrategy {
    private static final Comparator<Address> BY_ADDRESS = Comparator.comparing(KeyAllocation::host)
            .thenComparingInt(KeyAllocation::port)
            .thenComparing(Address::system);

    private final Address self;
    private final ShardDealer dealer;

    /**
     * @param self the node's own address, which the reference of its own region lacks
     * @param shards how many shards there are
     */
    public KeyAllocation(Address self, int shards) {
        this.self = self;
        this.dealer = new ShardDealer(shards);
    }

    @Override
    public Future<ActorRef> allocateShard(
            ActorRef requester, String shard, Map<ActorRef, IndexedSeq<String>> allocations) {
        Map<ActorRef, Set<Integer>> held = new HashMap<>();
        allocations.forEach((region, shards) -> held.put(region, numbers(shards)));
        List<ActorRef> servers = allocations.keySet().stream()
                .sorted(Comparator.comparing(this::address, BY_ADDRESS))
                .toList();
        return Future.successful(dealer.deal(Integer.parseInt(shard), servers, held));
    }

    @Override
    public Future<Set<String>> rebalance(
            Map<ActorRef, IndexedSeq<String>> allocations, Set<String> rebalanceInProgress) {
        return Future.successful(Set.of());
    }

    private static Set<Integer> numbers(IndexedSeq<String> shards) {
        Set<Integer> numbers = new HashSet<>();
        CollectionConverters.asJava(shards).forEach(shard -> numbers.add(Integer.valueOf(shard)));
        return numbers;
    }

    private Address address(ActorRef region) {
        Address address = region.path().address();
        return address.hasGlobalScope() ? address : self;
    }

    private static String host(Address address) {
        return address.host().getOrElse(() -> "");
    }

    private static int port(Address address) {
        return address.port().isEmpty() ? 0 : (Integer) address.port().get();
    }
}
