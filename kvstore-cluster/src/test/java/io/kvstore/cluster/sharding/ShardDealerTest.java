package io.kvstore.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardDealerTest {
    private static final int SHARDS = 256;

    private final ShardDealer dealer = new ShardDealer(SHARDS);
    private final List<String> servers = new ArrayList<>();
    private final Map<String, Set<Integer>> held = new HashMap<>();
    private final Map<Integer, String> owner = new HashMap<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void slicesAskedForInOrderGoRoundTheServers(int n) {
        add(n);
        for (int start : new int[] {250, 40, 120}) { // three keys of 50 slices each, one of them over the end
            IntStream.range(start, start + 50).forEach(shard -> deal(shard % SHARDS));
            for (int i = 0; i + n <= 50; i++) {
                Set<String> next = new HashSet<>();
                for (int j = 0; j < n; j++) {
                    next.add(owner.get((start + i + j) % SHARDS));
                }
                assertThat(next)
                        .as("servers of %d consecutive slices from %d", n, start + i)
                        .hasSize(n);
            }
        }
        assertThat(spread()).as("largest minus smallest number of shards").isLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void allShardsInOrderAreDealtEvenly(int n) {
        add(n);
        IntStream.range(0, SHARDS).forEach(this::deal);

        assertThat(spread()).isLessThanOrEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7})
    void shardsInAnyOrderStayEvenAndApart(int n) {
        for (long seed = 0; seed < 100; seed++) {
            clear();
            add(n);
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, SHARDS).boxed().toList());
            Collections.shuffle(order, new Random(seed));
            order.subList(0, 20).forEach(this::deal);
            assertThat(spread()).as("after 20 shards, seed %d", seed).isLessThanOrEqualTo(4);
            order.subList(20, SHARDS).forEach(this::deal);
            assertThat(spread()).as("after all shards, seed %d", seed).isLessThanOrEqualTo(SHARDS / 20);
            if (n >= 3) {
                for (int shard = 0; shard < SHARDS; shard++) {
                    assertThat(owner.get(shard))
                            .as("server of shard %d, seed %d", shard, seed)
                            .isNotEqualTo(owner.get((shard + 1) % SHARDS));
                }
            }
        }
    }

    @Test
    void twoKeysGoToTwoServers() {
        for (int other = 1; other < SHARDS; other++) {
            clear();
            add(2);
            deal(0);
            deal(other);
            assertThat(owner.get(0)).isNotEqualTo(owner.get(other));
        }
    }

    @Test
    void thirdServerMovesNothingAndItsShareOfNewSlicesIsNotAllOfThem() {
        add(2);
        IntStream.range(0, 120).forEach(this::deal);
        Map<Integer, String> before = Map.copyOf(owner);

        add(1);
        IntStream.range(130, 170).forEach(this::deal);

        assertThat(owner).containsAllEntriesOf(before);
        assertThat(held.get("server2")).as("shards of the later server").hasSize(20);
        for (int shard = 130; shard < 169; shard++) {
            assertThat(owner.get(shard)).isNotEqualTo(owner.get(shard + 1));
        }
    }

    private void clear() {
        servers.clear();
        held.clear();
        owner.clear();
    }

    private void add(int n) {
        for (int i = 0; i < n; i++) {
            String name = "server" + servers.size();
            servers.add(name);
            held.put(name, new HashSet<>());
        }
    }

    private void deal(int shard) {
        if (!owner.containsKey(shard)) {
            String server = dealer.deal(shard, servers, held);
            held.get(server).add(shard);
            owner.put(shard, server);
        }
    }

    private int spread() {
        List<Integer> counts = held.values().stream().map(Set::size).toList();
        return Collections.max(counts) - Collections.min(counts);
    }
}
