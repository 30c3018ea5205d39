package io.kvstore.cluster.sharding;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Deals shards to servers, one at a time as they come into use. A shard avoids the servers that hold the one before or
 * after it, so that the slices of a key lie on different servers; among the others it takes the one with the fewest
 * shards. Asked in order, n servers get every n-th shard; in any order, three or more never get two consecutive ones.
 */
final class ShardDealer {
    private final int shards;

    /** @param shards how many there are; after the last comes 0 again */
    ShardDealer(int shards) {
        this.shards = shards;
    }

    /**
     * The server for a shard that none has.
     *
     * @param shard from 0
     * @param servers at least one, in an order that all coordinators agree on; it decides between equals
     * @param held what each server has already
     */
    <S> S deal(int shard, List<S> servers, Map<S, Set<Integer>> held) {
        List<S> apart = servers.stream()
                .filter(server -> !holdsNeighbour(held.get(server), shard))
                .toList();
        int turn = turn(shard, servers, held);
        Comparator<S> fewest =
                Comparator.comparingInt(server -> held.get(server).size());
        Comparator<S> nextInTurn =
                Comparator.comparingInt(server -> Math.floorMod(servers.indexOf(server) - turn, servers.size()));
        return (apart.isEmpty() ? servers : apart)
                .stream().min(fewest.thenComparing(nextInTurn)).orElseThrow();
    }

    /** The server after the one that holds the shard before; a shard apart from others begins anywhere. */
    private <S> int turn(int shard, List<S> servers, Map<S, Set<Integer>> held) {
        for (int i = 0; i < servers.size(); i++) {
            if (held.get(servers.get(i)).contains(Math.floorMod(shard - 1, shards))) {
                return i + 1;
            }
        }
        return shard;
    }

    private boolean holdsNeighbour(Set<Integer> held, int shard) {
        return held.contains(Math.floorMod(shard - 1, shards)) || held.contains(Math.floorMod(shard + 1, shards));
    }
}
