package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What happened in a simulated cluster, and whether it may have happened. */
final class History {
    private record Stamp(Ballot ballot, long revision) {}

    private final Map<Long, Membership> memberships = new HashMap<>();
    private final Map<Long, String> contents = new HashMap<>();
    private final Map<String, Long> incarnations = new HashMap<>();
    private final Map<String, Integer> ranks = new HashMap<>();
    private final Map<Long, Long> entered = new HashMap<>();
    private final Set<Stamp> effective = new HashSet<>();
    private final Map<String, Integer> runs = new HashMap<>();
    private StoreRecord newest;
    private long deaths;

    /** A coordinator tells a server that {@code record} is in force. */
    void inForce(StoreRecord record) {
        if (!effective.add(new Stamp(record.ballot(), record.revision()))) {
            return;
        }
        check(record.membership());
        check(record.configuration());
        if (newest != null && newest.supersedes(record)) {
            assertFollows(record, newest); // an earlier coordinator says late what the later one found and took over
            return;
        }
        if (newest != null) {
            assertFollows(newest, record);
            if (record.released() > newest.released()) {
                assertAllCame(record);
            }
        }
        newest = record;
    }

    private static void assertFollows(StoreRecord earlier, StoreRecord later) {
        assertThat(later.epoch()).as("epoch after %s", earlier).isGreaterThanOrEqualTo(earlier.epoch());
        assertThat(later.lastIncarnation())
                .as("incarnation after %s", earlier)
                .isGreaterThanOrEqualTo(earlier.lastIncarnation());
        assertThat(later.released()).as("barrier after %s", earlier).isGreaterThanOrEqualTo(earlier.released());
        assertThat(later.configuration().version())
                .as("configuration after %s", earlier)
                .isGreaterThanOrEqualTo(earlier.configuration().version());
    }

    private void assertAllCame(StoreRecord record) {
        for (Seat seat : record.seats()) {
            boolean joinsAfterwards = seat.member().incarnation() > newest.lastIncarnation();
            if (seat.member().live() && !joinsAfterwards) {
                assertThat(entered.getOrDefault(seat.client(), 0L))
                        .as("%s came to barrier %s, which is released", seat.member(), record.released())
                        .isGreaterThanOrEqualTo(record.released());
            }
        }
    }

    /** A server's keys, or a worker, are told of {@code membership}. */
    void check(Membership membership) {
        Membership known = memberships.putIfAbsent(membership.epoch(), membership);
        if (known != null) {
            assertThat(membership)
                    .as("two memberships of epoch %s", membership.epoch())
                    .isEqualTo(known);
            return;
        }
        Set<Integer> taken = new HashSet<>();
        for (Member each : membership.members()) {
            assertThat(each.rank()).as("rank of %s", each).isBetween(0, membership.workers() - 1);
            assertThat(taken.add(each.rank())).as("rank of %s is its own", each).isTrue();
            if (each.state() == Member.State.DEAD) {
                deaths++;
            }
        }
    }

    void check(Configuration configuration) {
        String known = contents.putIfAbsent(configuration.version(), configuration.content());
        assertThat(configuration.content())
                .as("content of configuration %s", configuration.version())
                .isEqualTo(known == null ? configuration.content() : known);
    }

    void entered(long client, long barrier) {
        entered.merge(client, barrier, Math::max);
    }

    void passed(long barrier) {
        assertThat(newest.released()).as("barrier that was passed").isGreaterThanOrEqualTo(barrier);
    }

    void registered(Registration registration) {
        Long last = incarnations.put(registration.name(), registration.incarnation());
        if (last != null) {
            assertThat(registration.incarnation())
                    .as("incarnation of %s", registration.name())
                    .isGreaterThan(last);
        }
        Integer rank = ranks.putIfAbsent(registration.name(), registration.rank());
        if (rank != null) {
            assertThat(registration.rank())
                    .as("rank of %s", registration.name())
                    .isEqualTo(rank);
        }
    }

    /** A server runs a command whose body is like no other's. */
    void ran(String server, String body) {
        assertThat(runs.merge(server + " " + body, 1, Integer::sum))
                .as("runs of %s on %s", body, server)
                .isEqualTo(1);
    }

    boolean hasRun(String server, String body) {
        return runs.containsKey(server + " " + body);
    }

    StoreRecord newest() {
        return newest;
    }

    long deaths() {
        return deaths;
    }
}
