package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Slices of one element each, slice i with the sums (i + 1, 10 * version). */
class SumExchangeTest {
    private static final Key KEY = Key.of("w");
    private static final int PATIENCE = 3;
    private static final KeyConfig LARS =
            new KeyConfig(1, Optimizer.named("lars").build(), null);

    /** One slice, and what its commits came to: the sums as text, or the reason. */
    private static final class Slice implements SumExchange.Effects {
        private final Part part;
        private final PartPost post;
        private final List<String> outcomes = new ArrayList<>();
        private KeyRecord record;
        private SumExchange exchange;
        private boolean awaited = true;

        Slice(Part part, int slices, PartPost post) {
            this.part = part;
            this.post = post;
            create(slices, 1);
            start();
        }

        void create(int slices, long generation) {
            Layout layout = new Layout(Shape.of(slices), DType.FLOAT32, false, 1);
            record = new KeyRecord(
                    part, layout, generation, DenseTensor.of(new float[1]), null, "here", KeyConfig.ASSIGN);
        }

        /** The actor starts, or starts again. */
        void start() {
            exchange = new SumExchange(part, PATIENCE, this);
        }

        void commit() {
            commit(LARS);
        }

        void commit(KeyConfig config) {
            long version = record.version + 1;
            exchange.start(
                    new Commit(record, version, List.of(), config), new double[] {part.slice() + 1, 10.0 * version});
        }

        /** Closes a version without an update. */
        void close() {
            record.version++;
        }

        @Override
        public void tell(Part to, PartMail mail) {
            post.tell(to, mail);
        }

        @Override
        public void combined(Commit commit, double[] sums) {
            record.version = commit.version();
            outcomes.add(commit.version() + ": " + sums[0] + " " + sums[1]);
        }

        @Override
        public void failed(Commit commit, Reason reason, String message) {
            record.version = commit.version();
            outcomes.add(commit.version() + ": " + reason + " " + message);
        }

        @Override
        public boolean awaited() {
            return awaited;
        }
    }

    private final List<Slice> slices = new ArrayList<>();
    private LossyPost post = new LossyPost(null, this::deliver);

    private void deliver(Part to, PartMail mail) {
        Slice slice = slices.get(to.slice());
        slice.exchange.on(mail, slice.record);
    }

    private void slices(int n) {
        IntStream.range(0, n).forEach(i -> slices.add(new Slice(new Part(KEY, i), n, post)));
    }

    private void timePasses() {
        slices.forEach(slice -> slice.exchange.again());
        post.deliverAll();
    }

    private static String sums(int slices, int version) {
        return version + ": " + slices * (slices + 1) / 2.0 + " " + 10.0 * version * slices;
    }

    private void assertEach(String... outcomes) {
        assertThat(slices).allSatisfy(slice -> assertThat(slice.outcomes).containsExactly(outcomes));
    }

    private void assertEachFailed(Reason reason, String... words) {
        assertThat(slices).allSatisfy(slice -> {
            assertThat(slice.outcomes).hasSize(1);
            assertThat(slice.outcomes.get(0)).startsWith("1: " + reason).contains(words);
            assertThat(slice.exchange.isPending()).isFalse();
        });
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void allGoOnWithTheSumsOfAllWhoeverIsFirst(long seed) {
        slices(4);
        List<Slice> order = new ArrayList<>(slices);
        Collections.shuffle(order, new Random(seed));
        for (Slice each : order.subList(0, 3)) {
            each.commit();
            post.deliverAll();
        }
        assertEach();
        order.get(3).commit();
        post.deliverAll();
        assertEach(sums(4, 1));
    }

    @ParameterizedTest
    @ValueSource(classes = {PartMail.SumsTaken.class, PartMail.SumsCombined.class})
    void whatIsLostIsSaidAgain(Class<?> kind) {
        slices(3);
        post.lose((to, mail) -> kind.isInstance(mail));
        slices.forEach(Slice::commit);
        post.deliverAll();
        assertThat(slices.get(1).outcomes).isEmpty();
        timePasses();
        assertThat(slices.get(1).outcomes).isEmpty();
        post.lose((to, mail) -> false);
        timePasses();
        assertEach(sums(3, 1));
    }

    @Test
    void theHeadAsksForWhatItLacks() {
        slices(3);
        post.lose((to, mail) -> mail instanceof PartMail.SumsTaken);
        slices.forEach(Slice::commit);
        post.deliverAll();
        post.lose((to, mail) -> false);
        slices.get(0).exchange.again();
        post.deliverAll();
        assertEach(sums(3, 1));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void everySliceGetsTheSameSumsForEachVersionOverABadRoad(long seed) {
        Random random = new Random(seed);
        post = new LossyPost(random, this::deliver);
        int n = 2 + random.nextInt(6);
        int versions = 20;
        slices(n);
        for (int step = 0;
                step < 100_000 && slices.stream().anyMatch(slice -> slice.outcomes.size() < versions);
                step++) {
            Slice slice = slices.get(random.nextInt(n));
            if (random.nextInt(40) == 0) {
                slice.start();
            } else if (!slice.exchange.isPending() && slice.record.version < versions) {
                slice.commit();
            } else if (random.nextInt(8) == 0) {
                slice.exchange.again();
            } else {
                post.deliverOne();
            }
        }
        String[] expected = IntStream.rangeClosed(1, versions)
                .mapToObj(version -> sums(n, version))
                .toArray(String[]::new);
        assertThat(slices)
                .allSatisfy(slice -> assertThat(slice.outcomes)
                        .as("seed %d, slice %d of %d", seed, slice.part.slice(), n)
                        .containsExactly(expected));
    }

    @Test
    void aHeadThatStartsAgainAfterItHasToldTheOthersDoesAsTheyDid() {
        slices(3);
        slices.get(1).commit();
        slices.get(2).commit();
        post.deliverAll();
        Slice head = slices.get(0);
        head.commit();
        head.outcomes.clear();
        head.record.version = 0; // it failed before it had published
        head.start();
        post.deliverAll();
        head.commit();
        post.deliverAll();
        assertEach(sums(3, 1));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSliceThatClosedTheVersionWithoutAnUpdateKeepsAllFromOne(boolean late) {
        slices(3);
        if (!late) {
            slices.get(2).close();
        }
        slices.get(0).commit();
        slices.get(1).commit();
        post.deliverAll();
        assertNoneEnded();
        if (late) {
            timePasses();
            assertNoneEnded();
            slices.get(2).close();
        }
        timePasses();
        slices.remove(2);
        assertEachFailed(Reason.ROUND_FAILED, "slice 2 closed version 1 without an update");
    }

    private void assertNoneEnded() {
        assertThat(slices).allSatisfy(slice -> assertThat(slice.outcomes).isEmpty());
    }

    @Test
    void aHeadThatClosedTheVersionWithoutAnUpdateSaysSo() {
        slices(2);
        slices.get(0).close();
        slices.get(1).commit();
        post.deliverAll();
        slices.remove(0);
        assertEachFailed(Reason.ROUND_FAILED, "slice 0 closed version 1 without an update");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aSliceWhoseUpdateFailsTellsAllTheReasonAtOnce(int failing) {
        slices(3);
        for (Slice each : slices) {
            if (each.part.slice() != failing) {
                each.commit();
            }
        }
        post.deliverAll();
        Slice failed = slices.get(failing);
        failed.exchange.closedWithout(
                new Commit(failed.record, 1, List.of(), LARS), Reason.OUT_OF_MEMORY, "no room for the states");
        failed.close();
        post.deliverAll();
        slices.remove(failing);
        assertEachFailed(Reason.OUT_OF_MEMORY, "no room for the states");
    }

    @Test
    void aSliceThatComesAfterTheOthersHaveFailedGetsTheSameReason() {
        slices(3);
        slices.get(0).commit();
        slices.get(1)
                .exchange
                .closedWithout(
                        new Commit(slices.get(1).record, 1, List.of(), LARS), Reason.UPDATER_FAILED, "no such rule");
        post.deliverAll();
        slices.get(2).commit();
        post.deliverAll();
        slices.remove(1);
        assertEachFailed(Reason.UPDATER_FAILED, "no such rule");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aLostSliceEndsTheWaitOfAll(int lost) {
        slices(3);
        slices.get(lost).record = null;
        for (Slice each : slices) {
            if (each.part.slice() != lost) {
                each.commit();
            }
        }
        post.deliverAll();
        timePasses();
        slices.remove(lost);
        assertEachFailed(Reason.NOT_INITIALIZED, "slice " + lost + " of generation 1 of the key is gone");
    }

    @Test
    void aSliceOfAnEarlierGenerationEndsItsWaitAndItsSumsAreNotUsed() {
        slices(2);
        slices.get(1).commit();
        post.deliverAll();
        slices.get(0).create(2, 2);
        timePasses();
        assertThat(slices.get(1).outcomes).hasSize(1);
        assertThat(slices.get(1).outcomes.get(0)).startsWith("1: " + Reason.STALE_GENERATION);

        slices.get(0).commit();
        post.deliverAll();
        assertThat(slices.get(0).outcomes).isEmpty();
        slices.get(1).outcomes.clear();
        slices.get(1).create(2, 2);
        slices.get(1).commit();
        post.deliverAll();
        assertEach(sums(2, 1));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void withoutALiveWorkerTheWaitEndsAndWithOneItGoesOn(int missing) {
        slices(3);
        for (Slice each : slices) {
            if (each.part.slice() != missing) {
                each.commit();
            }
        }
        for (int i = 0; i < 5 * PATIENCE; i++) {
            timePasses();
        }
        assertNoneEnded();
        assertThat(slices.get(2).record.waitingFor()).contains("version 1 waits for the sums over all slices");
        slices.forEach(slice -> slice.awaited = false);
        for (int i = 0; i < PATIENCE; i++) {
            timePasses();
            assertNoneEnded();
        }
        timePasses();
        slices.remove(missing);
        assertEachFailed(Reason.ROUND_FAILED, "waited too long");
    }

    @Test
    void theHeadSaysWhoseSumsItWaitsFor() {
        slices(4);
        slices.get(0).commit();
        slices.get(2).commit();
        post.deliverAll();
        slices.get(0).exchange.again();
        assertThat(slices.get(0).record.waitingFor()).contains("version 1 waits for the sums of slices [1, 3]");
    }

    @Test
    void slicesWithDifferentOptimizersAreNotUpdated() {
        slices(2);
        slices.get(1).exchange.start(new Commit(slices.get(1).record, 1, List.of(), LARS), new double[0]);
        slices.get(0).commit();
        post.deliverAll();
        assertEachFailed(Reason.ROUND_FAILED, "different optimizers");
    }

    @Test
    void whatAnAbandonedSliceIsToldChangesNothing() {
        slices(2);
        slices.forEach(Slice::commit);
        slices.get(1).exchange.abandon();
        post.deliverAll();
        assertThat(slices.get(1).outcomes).isEmpty();
        slices.get(1).commit();
        post.deliverAll();
        assertEach(sums(2, 1));
    }
}
