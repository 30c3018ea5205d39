package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.tensor.DType;
import io.kvstore.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a key comes into being, is lost, and comes into being again. */
class FoundingTest {
    private final TestPart part = TestPart.inRounds();

    @AfterEach
    void everyTensorIsReleasedOnce() {
        assertThat(part.extraBytes()).as("bytes beside the value").isZero();
    }

    @Test
    void theValueIsThatOfTheLowestLiveRankAndTheOthersWaitForIt() {
        part.members(2, "a1", "b2");
        part.announce("b", "b2", 1, 1, new float[] {7, 7});
        assertThat(part.said("b")).isEmpty();
        assertThat(part.record()).isNull();
        part.announce("a", "a1", 1, 1, new float[] {1, 2});
        assertThat(part.said("a")).containsExactly("published 100 0");
        assertThat(part.said("b")).containsExactly("published 100 0");
        assertThat(part.value()).containsExactly(1, 2);
        assertThat(part.record().seats).extracting(Seat::worker).containsExactly("a", "b");
    }

    @Test
    void aGiverThatCameWithoutItsValueIsAskedForIt() {
        part.members(2, "a1", "b2");
        part.announce("a", "a1", 1, 1, null);
        assertThat(part.said("a")).containsExactly("give 0 0 seats");
        part.announce("a", "a1", 1, 1, new float[] {1, 2});
        assertThat(part.said("a")).containsExactly("published 100 0");
    }

    @Test
    void whenTheGiverIsLostTheNextIsAsked() {
        part.members(2, "a1", "b2");
        part.announce("b", "b2", 1, 1, null);
        part.members(2, "", "b2");
        assertThat(part.said("b")).containsExactly("give 0 0 seats");
        part.announce("b", "b2", 1, 1, new float[] {7, 7});
        assertThat(part.said("b")).containsExactly("published 100 0");
    }

    @Test
    void aKeyOfSeveralSlicesExistsWhenAllAreLoaded() {
        part.members(2, "a1", "b2");
        part.announce("a", "a1", 1, 3, new float[] {1, 2});
        assertThat(part.said("a")).containsExactly("give 100 2 seats");
        part.announce("b", "b2", 1, 3, null);
        part.describe("describe");
        part.push("b2", 1, 1, 1);
        assertThat(part.said("describe")).containsExactly("NOT_INITIALIZED");
        assertThat(part.said("b2 1")).containsExactly("NOT_INITIALIZED");
        part.publish("publish", 99);
        assertThat(part.said("publish")).containsExactly("STALE_GENERATION");
        part.publish("publish", 100);
        part.publish("publish", 100);
        assertThat(part.said("publish")).containsExactly("published 100 0", "published 100 0");
        assertThat(part.said("b")).containsExactly("published 100 0");
        part.describe("describe");
        assertThat(part.said("describe")).containsExactly("described (6,) 0");
    }

    @Test
    void whenTheLoaderIsLostInTheMiddleTheNextFoundsTheKeyAnew() {
        part.members(2, "a1", "b2");
        part.announce("a", "a1", 1, 3, new float[] {1, 2});
        part.announce("b", "b2", 1, 3, null);
        part.members(2, "", "b2");
        assertThat(part.said("b")).containsExactly("give 0 0 seats");
        part.announce("b", "b2", 1, 3, new float[] {7, 7});
        assertThat(part.said("b")).containsExactly("give 101 1 seats");
        part.publish("late", 100);
        assertThat(part.said("late")).containsExactly("STALE_GENERATION");
        assertThat(part.value()).containsExactly(7, 7);
    }

    @Test
    void aLoaderThatBeginsAnewReplacesWhatItHadBegun() {
        part.members(1, "a1");
        part.announce("first", "a1", 1, 3, new float[] {1, 2});
        part.announce("repeat", "a1", 1, 3, new float[] {1, 2});
        assertThat(part.said("repeat")).containsExactly("give 100 1 seats");
        part.announce("second", "a1", 2, 3, new float[] {3, 4});
        assertThat(part.said("second")).containsExactly("give 101 1 seats");
        part.announce("late", "a1", 1, 3, new float[] {1, 2});
        assertThat(part.said("late")).containsExactly("OUT_OF_ORDER");
        part.publish("publish", 101);
        assertThat(part.value()).containsExactly(3, 4);
    }

    @Test
    void aRestartForgetsNeitherTheLoaderNorTheInits() {
        part.members(2, "a1", "b2");
        part.announce("a", "a1", 1, 3, new float[] {1, 2});
        part.announce("b", "b2", 1, 3, null);
        part.restart();
        assertThat(part.said("b")).containsExactly("BUSY");
        part.said("a");
        part.announce("a", "a1", 1, 3, new float[] {1, 2});
        assertThat(part.said("a")).containsExactly("give 100 2 seats");
        part.publish("publish", 100);
        part.restart();
        part.announce("again", "a1", 2, 3, new float[] {1, 2});
        assertThat(part.said("again")).containsExactly("ALREADY_INITIALIZED");
    }

    @Test
    void aSecondInitIsAnErrorAndARepeatIsNot() {
        part.found("a1");
        part.announce("repeat", "a1", 1, 1, new float[] {5, 5});
        assertThat(part.said("repeat")).containsExactly("published 100 0");
        part.announce("second", "a1", 2, 1, new float[] {5, 5});
        part.announce("second", "a1", 2, 1, new float[] {5, 5});
        assertThat(part.said("second")).containsExactly("ALREADY_INITIALIZED", "ALREADY_INITIALIZED");
        assertThat(part.value()).containsExactly(0, 0);
    }

    @Test
    void anInitByANewerIncarnationKeepsTheValue() {
        part.found("a1");
        part.push("a1", 1, 3, 4);
        part.members(2, "a2");
        part.announce("init", "a2", 1, 1, new float[] {9, 9});
        assertThat(part.said("init")).containsExactly("published 100 1");
        assertThat(part.value()).containsExactly(3, 4);
    }

    @Test
    void anInitOfAnotherLayoutIsRefused() {
        part.found("a1", "b2");
        part.announce("b", "b2", 1, 3, null);
        assertThat(part.said("b")).containsExactly("SHAPE_MISMATCH");
        Layout halves = new Layout(Shape.of(2), DType.FLOAT16, false, 2);
        assertThat(Founding.mismatch(TestPart.layout(1), halves))
                .hasMessageContaining("float32")
                .hasMessageContaining("float16");
        Layout rows = new Layout(Shape.of(2), DType.FLOAT32, true, 2);
        assertThat(Founding.mismatch(TestPart.layout(1), rows)).hasMessageContaining("dense");
        Layout slices = new Layout(Shape.of(2), DType.FLOAT32, false, 1);
        assertThat(Founding.mismatch(TestPart.layout(1), slices)).hasMessageContaining("kvstore.slice-bytes");
        assertThat(Founding.mismatch(TestPart.layout(2), TestPart.layout(2))).isNull();
    }

    @Test
    void aFirstValueThatDoesNotFitTheLayoutIsRefused() {
        part.members(1, "a1");
        part.announce("a", "a1", 1, 1, new float[] {1, 2, 3});
        assertThat(part.said("a")).containsExactly("SHAPE_MISMATCH");
        assertThat(part.record()).isNull();
    }

    @Test
    void aServerThatKnowsLessThanTheWorkerIsBusy() {
        part.members(1, "a1");
        part.announce("b", "b2", 1, 1, null);
        assertThat(part.said("b")).containsExactly("BUSY");
        part.members(2, "a1", "b2");
        part.announce("b", "b2", 1, 1, null);
        part.members(2, "a1");
        assertThat(part.said("b")).containsExactly("FENCED");
        part.announce("b", "b2", 1, 1, null);
        assertThat(part.said("b")).containsExactly("FENCED");
    }

    @Test
    void aLateRepeatOfAnInitBringsADeletedKeyNotBack() {
        part.found("a1", "b2");
        part.forget("delete", 100);
        part.announce("late", "a1", 1, 1, new float[] {1, 1});
        assertThat(part.said("late")).containsExactly("NOT_INITIALIZED");
        assertThat(part.record()).isNull();
        part.announce("new", "a1", 2, 100, 1, new float[] {2, 2});
        assertThat(part.said("new")).containsExactly("published 101 0");
        part.announce("late", "a1", 1, 1, new float[] {1, 1});
        assertThat(part.said("late")).containsExactly("OUT_OF_ORDER");
        assertThat(part.value()).containsExactly(2, 2);
    }

    @Test
    void aLateRepeatIsNoInitOfTheKeysNextLife() {
        part.found("a1", "b2");
        part.announce("b", "b2", 1, 1, null);
        part.forget("delete", 100);
        part.announce("a", "a1", 2, 100, 1, new float[] {2, 2});
        part.announce("late", "b2", 1, 1, null);
        part.said("b");
        part.announce("b", "b2", 2, 100, 1, null);
        assertThat(part.said("b")).containsExactly("published 101 0");
    }

    @Test
    void aWorkerThatKnowsTheKeyIsLostIsNotToldThatItExists() {
        part.found("a1", "b2");
        part.announce("a", "a1", 2, 100, 1, new float[] {5, 6});
        assertThat(part.said("a")).containsExactly("published 101 0");
        assertThat(part.value()).containsExactly(5, 6);
        part.announce("b", "b2", 1, 100, 1, null);
        assertThat(part.said("b"))
                .as("what it knows to be lost is another life")
                .containsExactly("published 101 0");
    }

    @Test
    void generationsGrowBeyondWhatTheWorkersHaveSeen() {
        part.members(1, "a1");
        part.announce("a", "a1", 1, 5_000, 1, new float[] {5, 6});
        assertThat(part.said("a")).containsExactly("published 5001 0");
    }

    @Test
    void requestsOfAnotherLifeOfTheKeyAreRefused() {
        part.found("a1");
        Origin old = new Origin("a", 1, 99, 1);
        part.push("push", old, part.tensor(1, 1));
        assertThat(part.said("push")).containsExactly("STALE_GENERATION");
        part.forget("forget", 99);
        assertThat(part.said("forget")).containsExactly("done 0");
        assertThat(part.version()).isZero();
    }

    @Test
    void whoWaitsForARoundOfADeletedKeyIsTold() {
        part.found("a1", "b2");
        part.push("a1", 1, 1, 1);
        part.push("a1", 2, 1, 1);
        part.pull("pull", "a1", 2, 0);
        part.forget("forget", 100);
        assertThat(part.said("a1 1")).containsExactly("NOT_INITIALIZED");
        assertThat(part.said("a1 2")).containsExactly("NOT_INITIALIZED");
        assertThat(part.said("pull")).containsExactly("NOT_INITIALIZED");
        assertThat(part.held.bytes()).isZero();
    }

    @Test
    void aSliceIsLoadedOncePerLife() {
        TestPart slice = new TestPart(new RoundTerms(true, true, false, 1 << 20), 1);
        slice.members(1, "a1");
        List<Seat> seats = List.of(new Seat("a", 1, 0, 1));
        slice.load("load", 150, seats, 1, 2);
        slice.push("a1", 1, 3, 4);
        slice.load("repeat", 150, seats, 1, 2);
        assertThat(slice.said("load")).containsExactly("done 0");
        assertThat(slice.said("repeat")).containsExactly("done 1");
        assertThat(slice.value()).containsExactly(3, 4);
        slice.load("older", 149, seats, 9, 9);
        assertThat(slice.said("older")).containsExactly("STALE_GENERATION");
        slice.load("newer", 151, seats, 5, 6);
        assertThat(slice.value()).containsExactly(5, 6);
        slice.load("misfit", 152, seats, 5, 6, 7);
        assertThat(slice.said("misfit")).containsExactly("SHAPE_MISMATCH");
        slice.forget("forget", 151);
        slice.load("late", 151, seats, 5, 6);
        assertThat(slice.said("late")).containsExactly("STALE_GENERATION");
        assertThat(slice.pool.liveBytes()).isZero();
    }
}
