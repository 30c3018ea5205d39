package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A part of an asynchronous store: each push makes a version. */
class SinglePushesTest {
    private final TestPart part = TestPart.async();

    @BeforeEach
    void twoWorkersAndAnOptimizerThatAdds() {
        part.found("a1", "b2");
        part.configure(1, 1);
    }

    @AfterEach
    void everyTensorIsReleasedOnce() {
        assertThat(part.extraBytes()).as("bytes beside the value").isZero();
    }

    @Test
    void eachPushIsAppliedAtOnce() {
        part.push("a1", 1, 1, 2);
        part.push("b2", 1, 10, 20);
        part.pushPull("a", "a1", 2, 100, 100);
        assertThat(part.said("a1 1")).containsExactly("done 1");
        assertThat(part.said("b2 1")).containsExactly("done 2");
        assertThat(part.said("a")).containsExactly("value 3 [111.0, 122.0]");
    }

    @Test
    void aRepeatGetsTheFirstAnswerAndIsNotApplied() {
        part.push("a1", 1, 1, 1);
        part.push("b2", 1, 1, 1);
        part.push("again", part.origin("a1", 1), part.tensor(1, 1));
        assertThat(part.said("again")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(2, 2);
    }

    @Test
    void aRepeatWhileTheFirstIsCommittedGetsItsAnswerToo() {
        part.holdCommits();
        part.push("first", part.origin("a1", 1), part.tensor(1, 1));
        part.push("second", part.origin("a1", 1), part.tensor(1, 1));
        part.probe("probe", "a1", 1);
        part.carryOut();
        assertThat(part.said("first")).containsExactly("done 1");
        assertThat(part.said("second")).containsExactly("done 1");
        assertThat(part.said("probe")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(1, 1);
    }

    @Test
    void aGapIsOutOfOrder() {
        part.push("a1", 2, 1, 1);
        assertThat(part.said("a1 2")).containsExactly("OUT_OF_ORDER");
        part.push("a1", 1, 1, 1);
        part.push("a1", 2, 1, 1);
        assertThat(part.said("a1 2")).containsExactly("done 2");
    }

    @Test
    void aNewIncarnationCountsFromOneAndTheOldIsFenced() {
        part.push("a1", 1, 1, 1);
        part.members(3, "a3", "b2");
        part.push("a1", 2, 1, 1);
        part.push("a3", 1, 10, 10);
        assertThat(part.said("a1 2")).containsExactly("FENCED");
        assertThat(part.said("a3 1")).containsExactly("done 2");
        assertThat(part.value()).containsExactly(11, 11);
    }

    @Test
    void anIncarnationThatTheServerHasNotHeardOfIsBusy() {
        part.push("a9", 1, 1, 1);
        assertThat(part.said("a9 1")).containsExactly("BUSY");
    }

    @Test
    void aPushWithoutAnOptimizerIsRefusedAndTheValueKept() {
        TestPart bare = TestPart.async();
        bare.found("a1");
        bare.push("a1", 1, 1, 1);
        bare.push("a1", 1, 1, 1);
        assertThat(bare.said("a1 1")).containsExactly("NO_OPTIMIZER", "NO_OPTIMIZER");
        assertThat(bare.value()).containsExactly(0, 0);
        bare.configure(1, 1);
        bare.push("a1", 2, 1, 1);
        assertThat(bare.said("a1 2"))
                .as("the refused push has taken its number")
                .containsExactly("done 1");
        assertThat(bare.extraBytes()).isZero();
    }

    @Test
    void aRefusedPushTakesItsNumber() {
        part.push("a1", 1, 1, 2, 3);
        part.push("a1", 2, 5, 5);
        assertThat(part.said("a1 1")).containsExactly("SHAPE_MISMATCH");
        assertThat(part.said("a1 2")).containsExactly("done 1");
    }

    @Test
    void aFailedCommitRefusesItsPushForGood() {
        part.holdCommits();
        part.push("a1", 1, 1, 1);
        part.failCommit();
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).containsExactly("UPDATER_FAILED", "UPDATER_FAILED");
        assertThat(part.version()).isZero();
    }

    @Test
    void theConfigurationIsTheOneInForceOrALaterOneThatTheWorkerKnows() {
        part.configure(2, 100);
        part.push("a", part.origin("a1", 1, 1), part.tensor(1, 1));
        assertThat(part.value()).containsExactly(100, 100);
        part.push("a", part.origin("a1", 2, 7), part.tensor(1, 1));
        assertThat(part.said("a")).containsExactly("done 1", "BUSY");
    }

    @Test
    void aReadWaitsForItsWorkersPush() {
        part.pull("pull", "a1", 1, 0);
        assertThat(part.said("pull")).isEmpty();
        part.push("b2", 1, 10, 10);
        assertThat(part.said("pull")).isEmpty();
        part.push("a1", 1, 1, 1);
        assertThat(part.said("pull")).containsExactly("value 2 [11.0, 11.0]");
    }

    @Test
    void aReadAfterARefusedPushIsAnswered() {
        part.push("a1", 1, 1, 2, 3);
        part.pull("pull", "a1", 1, 0);
        assertThat(part.said("pull")).containsExactly("value 0 [0.0, 0.0]");
    }

    @Test
    void aReadWaitsForAVersion() {
        part.pull("pull", "a1", 0, 2);
        part.push("b2", 1, 1, 1);
        assertThat(part.said("pull")).isEmpty();
        part.push("b2", 2, 1, 1);
        assertThat(part.said("pull")).containsExactly("value 2 [2.0, 2.0]");
    }

    @Test
    void aReadOfAWorkerThatIsGoneIsRefused() {
        part.pull("a", "a1", 1, 0);
        part.pull("b", "b2", 1, 0);
        part.members(2, "", "b2");
        assertThat(part.said("a")).containsExactly("FENCED");
        assertThat(part.said("b")).isEmpty();
        part.restart();
        assertThat(part.said("b")).containsExactly("BUSY");
    }

    @Test
    void tooManyWaitingReadsAreBusy() {
        for (int i = 0; i < 100; i++) {
            part.pull("early", "a1", 1, 0);
        }
        part.pull("late", "a1", 1, 0);
        assertThat(part.said("late")).containsExactly("BUSY");
        part.push("a1", 1, 1, 1);
        assertThat(part.said("early")).hasSize(100);
    }
}
