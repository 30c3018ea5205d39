package io.kvstore.cluster.sharding;

import static org.assertj.core.api.Assertions.assertThat;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.sharding.typed.javadsl.EntityTypeKey;
import akka.cluster.typed.Cluster;
import io.kvstore.Key;
import io.kvstore.actor.Part;
import io.kvstore.cluster.TestServers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real shard regions over several actor systems; a part answers a message by telling where it lives. */
class KeyShardingTest {
    private static final int SHARDS = 256;
    private static final EntityTypeKey<String> TYPE = EntityTypeKey.create(String.class, "parts");

    private record Seen(EntityId part, String address) {}

    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    private final List<ActorRef<String>> regions = new ArrayList<>();
    private TestServers servers;

    @BeforeEach
    void start() {
        servers = TestServers.start(2, "");
        servers.systems().forEach(this::host);
    }

    @AfterEach
    void stop() {
        servers.close();
    }

    @Test
    void slicesAreDealtEvenlyWhicheverServerIsAskedAndALaterServerMovesNothing() throws InterruptedException {
        Map<Integer, String> before = new HashMap<>();
        for (int slice = 0; slice < 40; slice++) {
            before.put(slice, whereIs(part("weight", slice), slice % 2));
        }
        assertThat(countsOf(before)).containsExactly(20L, 20L);
        for (int slice = 0; slice + 1 < 40; slice++) {
            assertThat(before.get(slice)).as("server of slice %d", slice).isNotEqualTo(before.get(slice + 1));
        }

        ActorSystem<Void> third = servers.add();
        host(third);
        Map<Integer, String> after = new HashMap<>();
        for (int slice = 0; slice < 40; slice++) {
            after.put(slice, whereIs(part("weight", slice), 2));
        }
        assertThat(after).isEqualTo(before);

        Map<Integer, String> later = new HashMap<>();
        for (int slice = 60; slice < 80; slice++) {
            later.put(slice, whereIs(part("weight", slice), slice % 3));
        }
        assertThat(later.values()).as("servers of slices first used now").contains(address(third));
        for (int slice = 60; slice + 1 < 80; slice++) {
            assertThat(later.get(slice)).as("server of slice %d", slice).isNotEqualTo(later.get(slice + 1));
        }
    }

    private void host(ActorSystem<Void> system) {
        regions.add(KeySharding.start(system, TYPE, SHARDS, EntityId::parse, id -> part(id, address(system))));
    }

    private Behavior<String> part(EntityId id, String address) {
        return Behaviors.receive(String.class)
                .onAnyMessage(message -> {
                    assertThat(EntityId.parse(message)).isEqualTo(id);
                    seen.add(new Seen(id, address));
                    return Behaviors.same();
                })
                .build();
    }

    private static EntityId part(String key, int slice) {
        return new EntityId("default", new Part(Key.of(key), slice));
    }

    private static String address(ActorSystem<?> system) {
        return Cluster.get(system).selfMember().address().toString();
    }

    /** Asks again while the cluster is still finding itself: a region may drop what it gets before that. */
    private String whereIs(EntityId part, int region) throws InterruptedException {
        long deadline = System.nanoTime() + TestServers.PATIENCE.toNanos();
        while (System.nanoTime() < deadline) {
            regions.get(region).tell(part.toString());
            Seen answer = seen.poll(5, TimeUnit.SECONDS);
            while (answer != null && !answer.part().equals(part)) {
                answer = seen.poll(5, TimeUnit.SECONDS); // a second answer for the part before
            }
            if (answer != null) {
                return answer.address();
            }
        }
        throw new AssertionError("no answer from " + part);
    }

    private static List<Long> countsOf(Map<Integer, String> places) {
        return new ArrayList<>(places.values().stream()
                .collect(Collectors.groupingBy(address -> address, Collectors.counting()))
                .values());
    }
}
