package io.kvstore.actor;

import static org.assertj.core.api.Assertions.assertThat;

import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.optimizer.Optimizer;
import io.kvstore.optimizer.OptimizerKernel;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.Casts;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Kernels;
import io.kvstore.tensor.Merge;
import io.kvstore.tensor.RowSparseTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys in slices, each part with its own logic and buffers, beside the kernel applied to the uncut tensor. */
class SlicedUpdatesTest {
    private static final Key KEY = Key.of("w");
    private static final BufferPool POOL = new BufferPool(1 << 20);
    private static final Shape SHAPE = Shape.of(33, 7);
    private static final int WORKERS = 2;
    private static final int ROUNDS = 5;
    private static final List<String> NAMES = List.of(
            "adadelta",
            "adagrad",
            "adam",
            "adamax",
            "adamw",
            "dcasgd",
            "ftml",
            "ftrl",
            "lamb",
            "lars",
            "nadam",
            "nag",
            "rmsprop",
            "sgd",
            "sgld",
            "signum",
            "test");

    private final Random random = new Random(7);

    static Stream<Arguments> rulesAndTypes() {
        return NAMES.stream()
                .flatMap(name -> Stream.of(DType.FLOAT32, DType.FLOAT64, DType.FLOAT16, DType.BFLOAT16)
                        .flatMap(dtype -> Stream.of(false, true).map(mixed -> Arguments.of(name, dtype, mixed))));
    }

    static Stream<Arguments> rulesAndLaziness() {
        return NAMES.stream().flatMap(name -> Stream.of(true, false).map(lazy -> Arguments.of(name, lazy)));
    }

    /** With momentum where there is one, a rate that moves things, weight decay and a limit. */
    private static Optimizer.Builder busy(String name) {
        Optimizer.Builder builder = Optimizer.named(name)
                .learningRate(0.05)
                .wd(0.01)
                .rescaleGrad(0.5)
                .clipGradient(0.9);
        if (List.of("dcasgd", "lars", "nag", "sgd", "signum").contains(name)) {
            builder.set("momentum", 0.9);
        }
        return builder;
    }

    private static KeyConfig config(Optimizer.Builder optimizer) {
        return new KeyConfig(1, optimizer.build(), null);
    }

    private DenseTensor values(DType dtype) {
        float[] values = new float[(int) SHAPE.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 2 - 1;
        }
        return Casts.cast(DenseTensor.of(values, 33, 7), dtype);
    }

    private RowSparseTensor rows() {
        long[] ids = random.longs(6, 0, 33).toArray();
        return RowSparseTensor.gather(values(DType.FLOAT32), ids);
    }

    /** Slices of an odd number of elements, which no block or row fits. */
    private static Layout odd(DType dtype) {
        return new Layout(SHAPE, dtype, false, 65);
    }

    private SlicedKey key(Layout layout, DenseTensor value, Optimizer.Builder optimizer) {
        return new SlicedKey(KEY, layout, value, config(optimizer), WORKERS, null);
    }

    private void round(SlicedKey key, Layout layout, long seq, List<? extends Tensor> pushes) {
        for (int worker = 0; worker < WORKERS; worker++) {
            for (int slice = layout.slices() - 1; slice >= 0; slice--) {
                key.push(slice, worker, seq, pushes.get(worker));
            }
        }
        key.settle();
    }

    @ParameterizedTest
    @MethodSource("rulesAndTypes")
    void aSlicedKeyHasTheBitsOfAWholeOne(String name, DType dtype, boolean mixed) {
        Optimizer.Builder optimizer = busy(name).multiPrecision(mixed);
        DenseTensor whole = values(dtype);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer.build(), whole, POOL);
        SlicedKey key = key(odd(dtype), whole, optimizer);
        for (int update = 1; update <= ROUNDS; update++) {
            List<DenseTensor> pushes = List.of(values(dtype), values(dtype));
            round(key, odd(dtype), update, pushes);
            DenseTensor sum = (DenseTensor) Merge.sum(pushes, POOL, Kernels.LOCAL_GROUP);
            OptimizerKernel.apply(optimizer.build(), KEY, update, whole, sum, states);
            assertThat(key.value()).as("%s %s, round %d", name, dtype, update).isEqualTo(whole);
        }
        assertThat(key.bytesBeyondRecords()).as("bytes that nobody holds").isZero();
    }

    @ParameterizedTest
    @MethodSource("rulesAndLaziness")
    void aSlicedRowSparseKeyHasTheBitsOfAWholeOne(String name, boolean lazy) {
        Optimizer.Builder optimizer = busy(name).lazyUpdate(lazy);
        Layout layout = new Layout(SHAPE, DType.FLOAT32, true, 5 * 7);
        DenseTensor whole = values(DType.FLOAT32);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer.build(), whole, POOL);
        SlicedKey key = key(layout, whole, optimizer);
        for (int update = 1; update <= ROUNDS; update++) {
            List<RowSparseTensor> pushes = List.of(rows(), rows());
            round(key, layout, update, pushes);
            RowSparseTensor sum = (RowSparseTensor) Merge.sum(pushes, POOL, Kernels.LOCAL_GROUP);
            OptimizerKernel.applyRows(optimizer.build(), KEY, update, whole, sum, states, POOL);
            assertThat(key.value()).as("%s, round %d", name, update).isEqualTo(whole);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void aBadRoadAndSlicesThatStartAgainChangeNoBit(long seed) {
        Optimizer.Builder optimizer = busy("lamb");
        Layout layout = odd(DType.FLOAT32);
        DenseTensor whole = values(DType.FLOAT32);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer.build(), whole, POOL);
        Random chance = new Random(seed);
        SlicedKey key = new SlicedKey(KEY, layout, whole, config(optimizer), WORKERS, chance);
        for (int update = 1; update <= ROUNDS; update++) {
            List<DenseTensor> pushes = List.of(values(DType.FLOAT32), values(DType.FLOAT32));
            for (int step = 0; !allAt(key, layout, update); step++) {
                assertThat(step).as("steps of round %d, seed %d", update, seed).isLessThan(10_000);
                int slice = chance.nextInt(layout.slices());
                if (chance.nextInt(20) == 0) {
                    key.restart(slice);
                } else if (chance.nextInt(3) == 0) {
                    key.push(slice, chance.nextInt(WORKERS), update, pushes.get(0));
                } else if (chance.nextInt(5) == 0) {
                    key.timePasses();
                } else {
                    key.post().deliverOne();
                }
            }
            DenseTensor sum = (DenseTensor) Merge.sum(List.of(pushes.get(0), pushes.get(0)), POOL, Kernels.LOCAL_GROUP);
            OptimizerKernel.apply(optimizer.build(), KEY, update, whole, sum, states);
            assertThat(key.value()).as("seed %d, round %d", seed, update).isEqualTo(whole);
        }
        key.settle();
        assertThat(key.bytesBeyondRecords()).as("bytes that nobody holds").isZero();
    }

    private static boolean allAt(SlicedKey key, Layout layout, long version) {
        for (int slice = 0; slice < layout.slices(); slice++) {
            if (key.version(slice) < version) {
                return false;
            }
        }
        return true;
    }

    @Test
    void nothingIsVisibleBeforeAllSlicesHaveTheirSums() {
        Layout layout = odd(DType.FLOAT32);
        DenseTensor before = values(DType.FLOAT32);
        SlicedKey key = key(layout, before, busy("lamb"));
        for (int slice = 0; slice < layout.slices() - 1; slice++) {
            key.push(slice, 0, 1, values(DType.FLOAT32));
            key.push(slice, 1, 1, values(DType.FLOAT32));
        }
        key.post().deliverAll();
        key.timePasses();
        key.post().deliverAll();
        assertThat(key.value()).isEqualTo(before);
        assertThat(key.replies(0)).isEmpty();
    }

    @Test
    void aWorkerMayJoinWhileSomeSlicesWaitForOthersThatWaitForIt() {
        Layout layout = odd(DType.FLOAT32);
        SlicedKey key = key(layout, values(DType.FLOAT32), busy("lamb"));
        int last = layout.slices() - 1;
        for (int slice = 0; slice < last; slice++) {
            key.push(slice, 0, 1, values(DType.FLOAT32));
            key.push(slice, 1, 1, values(DType.FLOAT32));
        }
        key.add(2);
        key.ask(last, new PartCommand.Attach(key.origin(2, 0), 0, null));
        key.push(last, 0, 1, values(DType.FLOAT32));
        key.push(last, 1, 1, values(DType.FLOAT32));
        for (int slice = 0; slice < last; slice++) {
            key.ask(slice, new PartCommand.Attach(key.origin(2, 0), 0, null));
            assertThat(key.replies(slice)).as("slice %d", slice).containsExactly("Attach " + attached(2));
        }
        assertThat(key.replies(last)).containsExactly("Attach " + attached(1));
        for (int slice = 0; slice <= last; slice++) {
            key.ask(slice, new PartCommand.Join(key.origin(2, 0), 2, 0, null));
        }
        key.settle();
        for (int slice = 0; slice <= last; slice++) {
            assertThat(key.replies(slice)).as("slice %d", slice).containsExactly("Join done", "0/1 done", "1/1 done");
            assertThat(key.version(slice)).isEqualTo(1);
            key.push(slice, 0, 2, values(DType.FLOAT32));
            key.push(slice, 1, 2, values(DType.FLOAT32));
        }
        assertThat(key.replies(0)).as("before the worker that has joined").isEmpty();
        for (int slice = 0; slice <= last; slice++) {
            key.push(slice, 2, 1, values(DType.FLOAT32));
        }
        key.settle();
        assertThat(key.replies(last)).containsExactly("0/2 done", "1/2 done", "2/1 done");
    }

    private static PartReply.Attached attached(long round) {
        return new PartReply.Attached(KEY, 0, round);
    }

    @Test
    void pushesOfTheNextRoundAreAddedUpWhileTheSumsOfThisOneAreExchanged() {
        Optimizer.Builder optimizer = busy("lamb");
        Layout layout = odd(DType.FLOAT32);
        DenseTensor whole = values(DType.FLOAT32);
        List<DenseTensor> states = OptimizerKernel.newStates(optimizer.build(), whole, POOL);
        SlicedKey key = key(layout, whole, optimizer);
        for (int update = 1; update <= 2; update++) {
            List<DenseTensor> pushes = List.of(values(DType.FLOAT32), values(DType.FLOAT32));
            for (int slice = 0; slice < layout.slices(); slice++) {
                key.push(slice, 0, update, pushes.get(0));
                key.push(slice, 1, update, pushes.get(1));
            }
            DenseTensor sum = (DenseTensor) Merge.sum(pushes, POOL, Kernels.LOCAL_GROUP);
            OptimizerKernel.apply(optimizer.build(), KEY, update, whole, sum, states);
        }
        assertThat(key.version(0)).isZero();
        key.ask(0, new PartCommand.Probe(key.origin(1, 1), false, 0, null));
        key.ask(0, new PartCommand.Probe(key.origin(1, 2), false, 0, null));
        assertThat(key.replies(0))
                .hasSize(2)
                .allSatisfy(reply -> assertThat(reply).contains("Held"));
        key.settle();
        assertThat(key.version(0)).isEqualTo(2);
        assertThat(key.value()).isEqualTo(whole);
        assertThat(key.bytesBeyondRecords()).as("bytes that nobody holds").isZero();
    }

    @Test
    void aRepeatOfAPushThatIsBeingAppliedIsNotAppliedAgain() {
        Layout layout = odd(DType.FLOAT32);
        SlicedKey key = key(layout, values(DType.FLOAT32), busy("lamb"));
        List<DenseTensor> pushes = List.of(values(DType.FLOAT32), values(DType.FLOAT32));
        for (int slice = 0; slice < layout.slices(); slice++) {
            for (int repeat = 0; repeat < 3; repeat++) {
                key.push(slice, 0, 1, pushes.get(0));
                key.push(slice, 1, 1, pushes.get(1));
            }
        }
        key.settle();
        assertThat(key.version(0)).isEqualTo(1);
        assertThat(key.replies(0)).containsExactly("0/1 done", "1/1 done");
        assertThat(key.bytesBeyondRecords()).as("bytes that nobody holds").isZero();
    }

    @Test
    void aRoundThatOneSliceRefusedChangesNoSliceAndTheNextOneDoes() {
        Layout layout = odd(DType.FLOAT32);
        DenseTensor before = values(DType.FLOAT32);
        SlicedKey key = key(layout, before, busy("lars"));
        int last = layout.slices() - 1;
        for (int slice = 0; slice < last; slice++) {
            key.push(slice, 0, 1, values(DType.FLOAT32));
            key.push(slice, 1, 1, values(DType.FLOAT32));
        }
        key.push(last, 0, 1, values(DType.FLOAT64));
        key.push(last, 1, 1, values(DType.FLOAT64));
        key.settle();
        assertThat(key.value()).isEqualTo(before);
        for (int slice = 0; slice < last; slice++) {
            assertThat(key.replies(slice))
                    .hasSize(2)
                    .allSatisfy(reply -> assertThat(reply)
                            .contains("ROUND_FAILED: slice " + last + " closed version 1 without an update"));
            assertThat(key.version(slice)).isEqualTo(1);
        }
        round(key, layout, 2, List.of(values(DType.FLOAT32), values(DType.FLOAT32)));
        assertThat(key.replies(0)).containsExactly("0/2 done", "1/2 done");
        assertThat(key.value()).isNotEqualTo(before);
        assertThat(key.bytesBeyondRecords()).as("bytes that nobody holds").isZero();
    }

    @Test
    void aTypeThatNoOptimizerUpdatesIsRefusedByAllSlices() {
        Layout layout = odd(DType.INT32);
        DenseTensor before = Casts.cast(values(DType.FLOAT32), DType.INT32);
        SlicedKey key = key(layout, before, busy("lamb"));
        round(key, layout, 1, List.of(before, before));
        for (int slice = 0; slice < layout.slices(); slice++) {
            assertThat(key.replies(slice))
                    .hasSize(2)
                    .allSatisfy(reply -> assertThat(reply).contains("" + Reason.UNSUPPORTED_DTYPE));
            assertThat(key.version(slice)).isEqualTo(1);
        }
        assertThat(key.value()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void aLostSliceRefusesThePushesOfAllOthers(int lost) {
        Layout layout = odd(DType.FLOAT32);
        SlicedKey key = key(layout, values(DType.FLOAT32), busy("lamb"));
        for (int worker = 0; worker < WORKERS; worker++) {
            for (int slice = 0; slice < layout.slices(); slice++) {
                if (slice != lost) {
                    key.push(slice, worker, 1, values(DType.FLOAT32));
                }
            }
        }
        key.loseSlice(lost);
        key.settle();
        for (int slice = 0; slice < layout.slices(); slice++) {
            if (slice != lost) {
                assertThat(key.replies(slice))
                        .hasSize(2)
                        .allSatisfy(reply -> assertThat(reply).contains("NOT_INITIALIZED: slice " + lost));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void aSliceIsForgottenThoughItsCommitWaitsForOneThatNeverAnswers(int slice) {
        Layout layout = odd(DType.FLOAT32);
        SlicedKey key = key(layout, values(DType.FLOAT32), busy("lamb"));
        for (int i = 0; i < layout.slices() - 1; i++) {
            key.push(i, 0, 1, values(DType.FLOAT32));
            key.push(i, 1, 1, values(DType.FLOAT32));
        }
        key.post().lose((to, mail) -> true);
        key.ask(slice, new PartCommand.Forget(1, 0, null));
        assertThat(key.replies(slice)).hasSize(3).satisfies(replies -> {
            assertThat(replies.get(0)).contains("0/1 NOT_INITIALIZED", "generation 1 of the key is over");
            assertThat(replies.get(1)).contains("1/1 NOT_INITIALIZED");
            assertThat(replies.get(2)).isEqualTo("Forget done");
        });
    }

    @Test
    void aRoundWhoseWorkersAreAllGoneBeforeTheyReachedEverySliceIsGivenUp() {
        Layout layout = odd(DType.FLOAT32);
        DenseTensor before = values(DType.FLOAT32);
        SlicedKey key = key(layout, before, busy("lamb"));
        key.push(0, 0, 1, values(DType.FLOAT32));
        key.push(0, 1, 1, values(DType.FLOAT32));
        for (int i = 0; i < 20; i++) {
            key.timePasses();
            key.post().deliverAll();
        }
        assertThat(key.replies(0)).as("while both workers live").isEmpty();
        key.lose(0);
        key.lose(1);
        key.settle();
        assertThat(key.replies(0))
                .hasSize(2)
                .allSatisfy(reply ->
                        assertThat(reply).contains("ROUND_FAILED", "waited too long for the sums of slices [1, 2, 3]"));
        assertThat(key.value()).isEqualTo(before);
    }
}
