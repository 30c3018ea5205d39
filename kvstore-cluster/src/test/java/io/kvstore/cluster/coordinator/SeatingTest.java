package io.kvstore.cluster.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.cluster.coordinator.Seating.Candidate;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class SeatingTest {
    private final StoreRecord empty = StoreRecord.empty("s");

    @Test
    void ranksFollowTheNamesShorterOnesFirstAndTheNamelessLast() {
        StoreRecord opened = Seating.seat(empty, 4, List.of(named("w10"), named(""), named("w9"), named("w2")));
        assertThat(namesOf(opened)).containsExactly("w2", "w9", "w10", "worker-3");
        assertThat(opened.epoch()).isEqualTo(1);
        assertThat(opened.workers()).isEqualTo(4);
        assertThat(opened.live()).allMatch(member -> member.incarnation() == 1);
    }

    @Test
    void aNameThatReturnsKeepsItsRankWithAGreaterIncarnation() {
        StoreRecord opened = open("a", "b", "c").closed("b", Member.State.DEAD);
        StoreRecord back = Seating.seat(opened, 3, List.of(named("b")));
        assertThat(namesOf(back)).containsExactly("a", "b", "c");
        assertThat(back.seat("b").orElseThrow().member()).isEqualTo(new Member("b", 1, 2, Member.State.LIVE));
        assertThat(back.seat("a").orElseThrow().member().incarnation()).isEqualTo(1);
        assertThat(back.epoch()).isEqualTo(3);
    }

    @Test
    void aNewNameTakesARankThatNobodyRemembersBeforeThatOfADeadWorker() {
        StoreRecord partly =
                Seating.seat(empty, 3, List.of(named("a"), named("b"))).closed("a", Member.State.DEAD);
        StoreRecord joined = Seating.seat(partly, 3, List.of(named("new")));
        assertThat(joined.seat("new").orElseThrow().member().rank()).isEqualTo(2);
        StoreRecord full = Seating.seat(joined, 3, List.of(named("newer")));
        assertThat(full.seat("newer").orElseThrow().member().rank()).isZero();
        assertThat(full.seat("a")).isEmpty();
        assertThat(Seating.hasPlace(full, 3, "newest")).isFalse();
        assertThat(Seating.hasPlace(full, 3, "")).isFalse();
        assertThat(Seating.hasPlace(full, 3, "new")).isTrue();
    }

    @Test
    void aStoreThatIsOpenedForFewerWorkersForgetsTheOthers() {
        StoreRecord left = open("a", "b", "c");
        for (String name : List.of("a", "b", "c")) {
            left = left.closed(name, Member.State.LEFT);
        }
        StoreRecord smaller = Seating.seat(left, 2, List.of(named("c"), named("b")));
        assertThat(smaller.seat("b").orElseThrow().member().rank()).isEqualTo(1);
        assertThat(smaller.seat("c").orElseThrow().member().rank()).isZero();
        assertThat(smaller.seats()).hasSize(2);
    }

    @Test
    void aNameThatIsTakenIsNotGivenToANamelessWorker() {
        StoreRecord opened = Seating.seat(empty, 3, List.of(named("worker-1"), named(""), named("")));
        assertThat(namesOf(opened)).containsExactly("worker-1", "worker-2", "worker-3");
    }

    private StoreRecord open(String... names) {
        return Seating.seat(
                empty, names.length, Stream.of(names).map(SeatingTest::named).toList());
    }

    private static List<String> namesOf(StoreRecord record) {
        return record.seats().stream().map(seat -> seat.member().name()).toList();
    }

    private static Candidate named(String name) {
        return new Candidate(name, name.hashCode(), 1, Memory.NONE);
    }
}
