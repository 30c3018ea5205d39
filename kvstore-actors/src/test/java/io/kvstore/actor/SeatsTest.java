package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Workers that come, are lost, leave and come back while rounds are going on. */
class SeatsTest {
    private static final RoundTerms FAILING = new RoundTerms(true, true, true, 1 << 20);

    private TestPart part = TestPart.inRounds();

    @AfterEach
    void everyTensorIsReleasedOnce() {
        assertThat(part.extraBytes()).as("bytes beside the value").isZero();
        assertThat(part.held.bytes()).as("bytes counted as held").isZero();
    }

    @Test
    void aRoundClosesWithoutAWorkerThatIsLost() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.members(2, "a1");
        assertThat(part.said("a1 1")).containsExactly("done 1");
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("FENCED");
    }

    @Test
    void whatALostWorkerHadDeliveredCounts() {
        part.found("a1", "b2");
        part.push("b2", 1, 10, 10);
        part.push("b2", 2, 20, 20);
        part.members(2, "a1");
        part.push("a1", 1, 1, 1);
        assertThat(part.value()).containsExactly(11, 11);
        part.push("a1", 2, 2, 2);
        assertThat(part.value()).as("what it delivered ahead, too").containsExactly(22, 22);
    }

    @Test
    void aWorkerWithoutASeatIsToldToJoin() {
        part.found("a1");
        part.members(2, "a1", "b2");
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("NOT_JOINED");
        part.pull("pull", "b2", 0, 0);
        assertThat(part.said("pull")).containsExactly("NOT_JOINED");
    }

    @Test
    void noRoundClosesBetweenAttachAndJoin() {
        part.found("a1");
        part.members(2, "a1", "b2");
        part.attach("attach", "b2");
        assertThat(part.said("attach")).containsExactly("attached 1");
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).isEmpty();
        part.probe("probe", "a1", 1);
        assertThat(part.said("probe")).containsExactly("held: round 1 waits for worker [b] to join");
        part.join("join", "b2", 1);
        assertThat(part.said("join")).containsExactly("done 0");
        assertThat(part.said("probe")).isEmpty();
        part.push("b2", 1, 10, 10);
        assertThat(part.said("probe")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(11, 11);
    }

    @Test
    void aWorkerTakesPartFromTheRoundThatItWasGiven() {
        part.found("a1");
        part.members(2, "a1", "b2");
        part.attach("attach", "b2");
        part.join("join", "b2", 3); // another part of the key was two rounds further
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("OUT_OF_ORDER");
        part.push("a1", 1, 1, 1);
        part.push("a1", 2, 2, 2);
        assertThat(part.version()).isEqualTo(2);
        part.push("a1", 3, 3, 3);
        assertThat(part.said("a1 3")).isEmpty();
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("done 3");
        assertThat(part.value()).containsExactly(13, 13);
    }

    @Test
    void lateRepeatsOfAttachAndJoinDoNoHarm() {
        part.found("a1");
        part.members(2, "a1", "b2");
        part.attach("attach", "b2");
        part.join("join", "b2", 2);
        part.attach("attach", "b2");
        assertThat(part.said("attach")).containsExactly("attached 1", "attached 2");
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).as("nobody is attaching").containsExactly("done 1");
        part.push("a1", 2, 2, 2);
        part.push("b2", 1, 10, 10);
        part.join("join", "b2", 2);
        assertThat(part.version()).isEqualTo(2);
        assertThat(part.record().seats).hasSize(2);
        part.members(2, "a1");
        part.attach("late", "b2");
        part.join("late", "b2", 2);
        assertThat(part.said("late")).containsExactly("FENCED", "FENCED");
        part.push("a1", 3, 3, 3);
        assertThat(part.said("a1 3")).containsExactly("done 3");
    }

    @Test
    void aWorkerThatIsLostBetweenAttachAndJoinIsWaitedForNoLonger() {
        part.found("a1");
        part.members(2, "a1", "b2");
        part.attach("attach", "b2");
        part.push("a1", 1, 1, 1);
        part.members(2, "a1");
        assertThat(part.said("a1 1")).containsExactly("done 1");
    }

    @Test
    void aRestartDoesNotForgetWhoIsAttaching() {
        part.found("a1");
        part.members(2, "a1", "b2");
        part.attach("attach", "b2");
        part.restart();
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).isEmpty();
        part.join("join", "b2", 1);
        part.push("b2", 1, 10, 10);
        assertThat(part.said("a1 1")).containsExactly("done 1");
    }

    @Test
    void aWorkerThatComesBackIsNotTakenForItsEarlierLife() {
        part.found("a1", "b2");
        part.push("b2", 1, 10, 10);
        part.push("b2", 2, 20, 20);
        part.members(3, "a1", "b3");
        part.attach("attach", "b3");
        assertThat(part.said("attach"))
                .as("the first round without a contribution of b")
                .containsExactly("attached 3");
        part.join("join", "b3", 3);
        part.push("a1", 1, 1, 1);
        part.push("a1", 2, 2, 2);
        assertThat(part.value()).containsExactly(22, 22);
        part.push("b3", 1, 100, 100);
        part.push("a1", 3, 3, 3);
        assertThat(part.said("b3 1")).containsExactly("done 3");
        assertThat(part.value()).containsExactly(103, 103);
    }

    @Test
    void aPartThatLagsBehindAllSeatsGoesOnToTheirFirstRound() {
        part.found("a1");
        part.members(1);
        part.members(2, "b2");
        part.attach("attach", "b2");
        assertThat(part.said("attach")).containsExactly("attached 1");
        part.join("join", "b2", 3); // a's last two pushes reached other parts only
        assertThat(part.version()).isEqualTo(2);
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("done 3");
    }

    @Test
    void aRoundOfLostWorkersAloneIsClosed() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.members(2);
        assertThat(part.version()).isEqualTo(1);
        assertThat(part.value()).containsExactly(1, 1);
    }

    @Test
    void aChangeWhileARoundIsCommittedTakesEffectAfterwards() {
        part.found("a1", "b2");
        part.holdCommits();
        part.push("a1", 1, 1, 1);
        part.push("b2", 1, 10, 10);
        part.push("a1", 2, 2, 2);
        part.members(2, "a1");
        assertThat(part.version()).isZero();
        part.carryOut();
        part.carryOut();
        assertThat(part.said("a1 2")).containsExactly("done 2");
        assertThat(part.value()).containsExactly(2, 2);
    }

    @Test
    void aRoundThatIsGivenUpAppliesNothingAndRefusesEverybodysPushToIt() {
        part = new TestPart(FAILING, 0);
        part.found("a1", "b2", "c3");
        part.push("a1", 1, 1, 1);
        part.members(3, "a1", "b2");
        assertThat(part.said("a1 1")).as("b has a push to that round to make").isEmpty();
        part.push("b2", 1, 10, 10);
        assertThat(part.said("a1 1")).containsExactly("ROUND_FAILED");
        assertThat(part.said("b2 1")).containsExactly("ROUND_FAILED");
        assertThat(part.version()).isEqualTo(1);
        assertThat(part.value()).containsExactly(0, 0);
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).as("a repeat").containsExactly("ROUND_FAILED");
        part.push("a1", 2, 2, 2);
        part.push("b2", 2, 20, 20);
        assertThat(part.said("b2 2")).containsExactly("done 2");
        assertThat(part.value()).containsExactly(22, 22);
    }

    @Test
    void theRoundThatIsGivenUpIsTheFirstToWhichTheLostWorkerDidNotPush() {
        part = new TestPart(FAILING, 0);
        part.found("a1", "b2");
        part.push("b2", 1, 10, 10);
        part.members(2, "a1");
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).containsExactly("done 1");
        part.push("a1", 2, 2, 2);
        assertThat(part.said("a1 2")).containsExactly("ROUND_FAILED");
        assertThat(part.value()).containsExactly(11, 11);
        part.push("a1", 3, 3, 3);
        assertThat(part.said("a1 3")).containsExactly("done 3");
    }

    @Test
    void aWorkerThatLeavesGivesNoRoundUp() {
        part = new TestPart(FAILING, 0);
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.members(2, Set.of(2L), "a1");
        assertThat(part.said("a1 1")).containsExactly("done 1");
    }

    @Test
    void aNewWorkerDoesNotPayForTheLossOfAnother() {
        part = new TestPart(FAILING, 0);
        part.found("a1", "b2");
        part.members(2, "a1");
        part.members(3, "a1", "b3");
        part.attach("attach", "b3");
        assertThat(part.said("attach")).containsExactly("attached 2");
        part.join("join", "b3", 2);
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).containsExactly("ROUND_FAILED");
        part.push("a1", 2, 2, 2);
        part.push("b3", 1, 20, 20);
        assertThat(part.said("b3 1")).containsExactly("done 2");
    }

    @Test
    void aRestartDoesNotForgetThatARoundIsGivenUp() {
        part = new TestPart(FAILING, 0);
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.members(2, "a1");
        part.said("a1 1");
        part.restart();
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).containsExactly("ROUND_FAILED");
    }

    @Test
    void seatsOfASliceThatIsLoadedLateAreOnlyThoseOfLiveWorkers() {
        part = new TestPart(new RoundTerms(true, true, false, 1 << 20), 1);
        part.members(2, "a1"); // this node knows already that b is lost, the head did not
        part.load("load", 150, List.of(new Seat("a", 1, 0, 1), new Seat("b", 2, 1, 1)), 0, 0);
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).containsExactly("done 1");
    }
}
