package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MembershipTest {
    private final Membership membership =
            new Membership(5, 4, List.of(new Member("b", 3, 1), new Member("a", 4, 0)), Set.of(2L));

    @Test
    void membersAreSortedByRank() {
        assertThat(membership.members()).extracting(Member::worker).containsExactly("a", "b");
    }

    @Test
    void anIncarnationIsLiveOrClosedOrNotHeardOf() {
        assertThat(membership.standing("a", 4)).isEqualTo(Membership.Standing.LIVE);
        assertThat(membership.standing("a", 1)).as("replaced").isEqualTo(Membership.Standing.CLOSED);
        assertThat(membership.standing("c", 2)).as("left").isEqualTo(Membership.Standing.CLOSED);
        assertThat(membership.standing("a", 5)).isEqualTo(Membership.Standing.UNKNOWN);
        assertThat(Membership.NONE.standing("a", 1)).isEqualTo(Membership.Standing.UNKNOWN);
    }
}
