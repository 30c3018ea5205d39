package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RoundsTest {
    private static final RoundTerms BY_ARRIVAL = new RoundTerms(true, false, false, 1 << 20);

    private TestPart part = TestPart.inRounds();

    @AfterEach
    void everyTensorIsReleasedOnce() {
        assertThat(part.extraBytes()).as("bytes beside the value").isZero();
        assertThat(part.held.bytes()).as("bytes counted as held").isZero();
    }

    @Test
    void aRoundIsTheSumOfAllWorkersAndEachIsToldItsVersion() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 2);
        assertThat(part.said("a1 1")).isEmpty();
        part.push("b2", 1, 10, 20);
        assertThat(part.said("a1 1")).containsExactly("done 1");
        assertThat(part.said("b2 1")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(11, 22);
    }

    @Test
    void aPushPullIsAnsweredWithTheRoundsValue() {
        part.found("a1", "b2");
        part.pushPull("a", "a1", 1, 1, 2);
        part.push("b2", 1, 10, 20);
        assertThat(part.said("a")).containsExactly("value 1 [11.0, 22.0]");
    }

    @Test
    void contributionsAreAddedInTheOrderOfRanksWhateverTheOrderOfArrival() {
        for (long seed = 0; seed < 200; seed++) {
            part = TestPart.inRounds();
            sumsInOrder(new Random(seed), "seed " + seed, false);
        }
    }

    @Test
    void contributionsAreAddedInTheOrderOfArrivalIfTheTermsSaySo() {
        for (long seed = 0; seed < 200; seed++) {
            part = new TestPart(BY_ARRIVAL, 0);
            sumsInOrder(new Random(seed), "seed " + seed, true);
        }
    }

    /** Two rounds of four workers, some of them ahead, of values whose sum depends on the order bit by bit. */
    private void sumsInOrder(Random random, String seed, boolean byArrival) {
        String[] workers = {"a1", "b2", "c3", "d4"};
        part.found(workers);
        List<Integer> arrivals = new ArrayList<>();
        for (int worker = 0; worker < 4; worker++) {
            Collections.addAll(arrivals, worker, worker);
        }
        Collections.shuffle(arrivals, random);
        float[][] gradients = new float[8][];
        int[] pushed = new int[4];
        List<List<Integer>> rounds = List.of(new ArrayList<>(), new ArrayList<>());
        for (int worker : arrivals) {
            float[] gradient = {(float) random.nextGaussian() * 1e8f, (float) random.nextGaussian() * 1e-8f + 1};
            int round = pushed[worker]++;
            gradients[4 * round + worker] = gradient;
            rounds.get(round).add(worker);
            part.push(workers[worker], round + 1, gradient);
        }
        for (int round = 0; round < 2; round++) {
            assertThat(part.said("a1 " + (round + 1))).as(seed).containsExactly("done " + (round + 1));
        }
        List<Integer> order = byArrival ? rounds.get(1) : List.of(0, 1, 2, 3);
        float[] sum = gradients[4 + order.get(0)].clone();
        for (int worker : order.subList(1, 4)) {
            sum[0] += gradients[4 + worker][0];
            sum[1] += gradients[4 + worker][1];
        }
        assertThat(part.value()).as(seed).containsExactly(sum);
        assertThat(part.extraBytes()).as(seed).isZero();
    }

    @Test
    void rowSparseContributionsAreAddedInTheOrderOfRanks() {
        part.members(2, "a1", "b2");
        Layout layout = new Layout(Shape.of(2, 1), DType.FLOAT32, true, 2);
        part.announceRows("init", "a1", layout);
        part.push("b", part.origin("b2", 1), rows(new long[] {0, 1}, 10, 20));
        part.push("a", part.origin("a1", 1), rows(new long[] {1}, 1));
        assertThat(part.said("b")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(10, 21);
    }

    private RowSparseTensor rows(long[] ids, float... values) {
        io.kvstore.tensor.DenseTensor rows = part.pool.filled(
                DType.FLOAT32,
                Shape.of(ids.length, 1),
                into -> System.arraycopy(values, 0, into.floats(), 0, values.length));
        return RowSparseTensor.of(Shape.of(2, 1), ids, rows);
    }

    @Test
    void aWorkerMayBeOneRoundAheadAndNoMore() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.push("a1", 2, 2, 2);
        part.push("a1", 3, 3, 3);
        assertThat(part.said("a1 3")).containsExactly("OUT_OF_ORDER");
        part.push("b2", 2, 20, 20);
        assertThat(part.said("b2 2")).as("ahead without the round before").containsExactly("OUT_OF_ORDER");
        part.push("b2", 1, 10, 10);
        assertThat(part.value()).containsExactly(11, 11);
        assertThat(part.said("a1 2")).isEmpty();
        part.push("b2", 2, 20, 20);
        assertThat(part.said("a1 2")).containsExactly("done 2");
        assertThat(part.value()).containsExactly(22, 22);
    }

    @Test
    void aRepeatOfWhatIsHeldChangesNothingAndGetsTheAnswerInPlaceOfTheFirst() {
        part.found("a1", "b2");
        part.push("first", part.origin("a1", 1), part.tensor(1, 1));
        part.push("second", part.origin("a1", 1), part.tensor(1, 1));
        part.push("b2", 1, 10, 10);
        assertThat(part.said("first")).isEmpty();
        assertThat(part.said("second")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(11, 11);
    }

    @Test
    void aRepeatOfWhatWasDecidedGetsTheFirstAnswerAgain() {
        part.found("a1", "b2");
        for (long round = 1; round <= 2; round++) {
            part.push("a1", round, 1, 1);
            part.push("b2", round, 1, 1);
        }
        part.said("a1 1");
        part.push("a1", 1, 50, 50);
        assertThat(part.said("a1 1")).containsExactly("done 1");
        assertThat(part.value()).as("the sum of round 2").containsExactly(2, 2);
    }

    @Test
    void outcomesAreForgottenAfterAWhileAndNeverAppliedAgain() {
        part.found("a1");
        for (long round = 1; round <= Decisions.KEPT + 1; round++) {
            part.push("a1", round, round, round);
        }
        part.said("a1 1");
        part.push("a1", 1, 50, 50);
        assertThat(part.said("a1 1")).containsExactly("OUT_OF_ORDER");
        assertThat(part.version()).isEqualTo(Decisions.KEPT + 1);
    }

    @Test
    void aRefusedContributionCountsAsEmptyAndIsRefusedAgainWhenRepeated() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 2, 3);
        assertThat(part.said("a1 1")).as("refused with its round").isEmpty();
        part.push("b2", 1, 10, 20);
        assertThat(part.said("a1 1")).containsExactly("SHAPE_MISMATCH");
        assertThat(part.said("b2 1")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(10, 20);
        part.push("a1", 1, 1, 2);
        assertThat(part.said("a1 1")).containsExactly("SHAPE_MISMATCH");
    }

    @Test
    void aRoundOfRefusedContributionsMakesAVersionOfTheSameValue() {
        part.found("a1");
        part.push("a1", 1, 5, 6);
        part.push("bad", part.origin("a1", 2), new EncodedTensor("none", DType.FLOAT32, Shape.of(2), new byte[1]));
        assertThat(part.said("bad")).containsExactly("INVALID_ARGUMENT");
        assertThat(part.version()).isEqualTo(2);
        assertThat(part.value()).containsExactly(5, 6);
    }

    @Test
    void aFailedCommitEndsItsRoundForEverybody() {
        part.found("a1", "b2");
        part.holdCommits();
        part.push("a1", 1, 1, 1);
        part.push("b2", 1, 1, 1);
        part.push("a1", 2, 2, 2); // waits for the commit
        part.failCommit();
        assertThat(part.said("a1 1")).containsExactly("UPDATER_FAILED");
        assertThat(part.said("b2 1")).containsExactly("UPDATER_FAILED");
        assertThat(part.version()).isEqualTo(1);
        part.push("b2", 2, 3, 3);
        part.carryOut();
        assertThat(part.value()).containsExactly(5, 5);
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).containsExactly("UPDATER_FAILED");
    }

    @Test
    void whatComesWhileARoundIsCommittedIsTakenAfterwards() {
        part.found("a1", "b2");
        part.holdCommits();
        part.push("a1", 1, 1, 1);
        part.push("b2", 1, 1, 1);
        part.push("b2", 2, 20, 20);
        part.push("a1", 2, 2, 2);
        part.pull("pull", "a1", 2, 0);
        assertThat(part.said("a1 1")).isEmpty();
        part.carryOut();
        assertThat(part.said("a1 1")).containsExactly("done 1");
        assertThat(part.said("pull")).isEmpty();
        part.carryOut();
        assertThat(part.said("pull")).containsExactly("value 2 [22.0, 22.0]");
    }

    @Test
    void beyondTheBudgetEarlyContributionsAreBusyAndThoseWhoseTurnItIsAreNot() {
        part = new TestPart(new RoundTerms(true, true, false, 8), 0);
        part.found("a1", "b2", "c3");
        part.push("c3", 1, 100, 100);
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("BUSY");
        assertThat(part.held.bytes()).isEqualTo(8);
        part.push("a1", 1, 1, 1);
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("done 1");
        assertThat(part.value()).containsExactly(111, 111);
    }

    @Test
    void somethingLargerThanTheBudgetIsHeldAlone() {
        part = new TestPart(new RoundTerms(true, true, false, 1), 0);
        part.found("a1", "b2", "c3");
        part.push("c3", 1, 100, 100);
        assertThat(part.said("c3 1")).isEmpty();
        part.push("b2", 1, 10, 10);
        assertThat(part.said("b2 1")).containsExactly("BUSY");
        part.push("a1", 1, 1, 1);
        part.push("b2", 1, 10, 10);
        assertThat(part.value()).containsExactly(111, 111);
    }

    @Test
    void aRoundIsAppliedUnderTheHighestConfigurationOfItsContributors() {
        part.found("a1", "b2");
        part.configure(1, 1);
        part.configure(2, 100);
        part.push("a", part.origin("a1", 1, 1), part.tensor(1, 1));
        part.push("b", part.origin("b2", 1, 1), part.tensor(1, 1));
        assertThat(part.value()).as("the configuration that the workers know").containsExactly(2, 2);
        part.push("a", part.origin("a1", 2, 2), part.tensor(1, 1));
        part.push("b", part.origin("b2", 2, 1), part.tensor(1, 1));
        assertThat(part.value()).containsExactly(202, 202);
    }

    @Test
    void aRefusedContributionSwitchesTheConfigurationAsItDoesInOtherSlices() {
        part.found("a1", "b2");
        part.configure(1, 1);
        part.configure(2, 100);
        part.push("a", part.origin("a1", 1, 2), part.tensor(1, 1, 1));
        part.push("b", part.origin("b2", 1, 1), part.tensor(1, 1));
        assertThat(part.value()).containsExactly(100, 100);
    }

    @Test
    void aConfigurationThatIsNotHereYetIsWaitedFor() {
        part.found("a1");
        part.push("a", part.origin("a1", 1, 7), part.tensor(1, 1));
        part.push("bad", part.origin("a1", 1, 7), part.tensor(1, 1, 1));
        assertThat(part.said("a")).containsExactly("BUSY");
        assertThat(part.said("bad")).containsExactly("BUSY");
        assertThat(part.version()).isZero();
        part.configure(7, 1);
        part.push("a", part.origin("a1", 1, 7), part.tensor(1, 1));
        assertThat(part.said("a")).containsExactly("done 1");
    }

    @Test
    void aPushWithoutAnOriginBelongsToNoRound() {
        part.found("a1");
        part.push("anybody", Origin.none(), part.tensor(1, 1));
        assertThat(part.said("anybody")).containsExactly("INVALID_ARGUMENT");
    }

    @Test
    void aProbeSaysWhatBecameOfAPush() {
        part.found("a1", "b2");
        part.probe("probe", "a1", 1);
        assertThat(part.said("probe")).containsExactly("unheld");
        part.push("a1", 1, 1, 1);
        part.push("a1", 2, 2, 2);
        part.probe("probe", "a1", 1);
        assertThat(part.said("probe")).containsExactly("held: round 1 waits for worker 'b' (rank 1)");
        part.probe("ahead", "a1", 2);
        part.push("b2", 1, 1, 1);
        assertThat(part.said("probe")).as("the probe gets the outcome").containsExactly("done 1");
        part.probe("again", "a1", 1);
        assertThat(part.said("again")).containsExactly("done 1");
        part.push("b2", 2, 1, 1);
        assertThat(part.said("ahead")).hasSize(2).last().isEqualTo("done 2");
    }

    @Test
    void afterARestartContributionsMustBeSentAgainAndOutcomesAreKnown() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.push("b2", 1, 1, 1);
        part.push("a1", 2, 2, 2);
        part.said("a1 1");
        part.restart();
        assertThat(part.said("a1 2")).containsExactly("BUSY");
        part.probe("probe", "a1", 2);
        assertThat(part.said("probe")).containsExactly("unheld");
        part.push("a1", 1, 1, 1);
        assertThat(part.said("a1 1")).containsExactly("done 1");
        part.push("a1", 2, 2, 2);
        part.push("b2", 2, 2, 2);
        assertThat(part.said("a1 2")).containsExactly("done 2");
        assertThat(part.value()).containsExactly(4, 4);
    }

    @Test
    void abandonedContributionsLeaveNothing() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.push("a1", 2, 1, 1);
        part.restart();
        assertThat(part.extraBytes()).isZero();
    }
}
