package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BufferPoolTest {
    private static final Shape TEN = Shape.of(10);
    private static final int LENGTH_OF_NO_OTHER_TEST = 1_234_567;

    private final BufferPool pool = new BufferPool(1000);

    @Test
    void aReleasedArrayIsUsedAgainForTheSameTypeAndLength() {
        DenseTensor first = pool.take(DType.FLOAT32, TEN);
        Object array = first.data();
        first.release();
        assertThat(pool.take(DType.INT32, TEN).data()).isNotSameAs(array);
        assertThat(pool.take(DType.FLOAT32, Shape.of(11)).data()).isNotSameAs(array);
        assertThat(pool.take(DType.FLOAT32, Shape.of(2, 5)).data()).isSameAs(array);
    }

    @Test
    void tinyArraysAreKeptOnlyByAPoolWithABoundOfItsOwn() {
        BufferPool ofJvm = new BufferPool();
        DenseTensor tiny = ofJvm.take(DType.FLOAT32, Shape.of(255));
        DenseTensor larger = ofJvm.take(DType.FLOAT32, Shape.of(259));
        Object tinyArray = tiny.data();
        Object largerArray = larger.data();
        tiny.release();
        larger.release();
        assertThat(ofJvm.liveBytes()).isZero();
        assertThat(ofJvm.take(DType.FLOAT32, Shape.of(255)).data()).isNotSameAs(tinyArray);
        assertThat(ofJvm.take(DType.FLOAT32, Shape.of(259)).data()).isSameAs(largerArray);
    }

    @Test
    void bytesAreLiveWhileHeldAndIdleAfterwards() {
        DenseTensor tensor = pool.take(DType.FLOAT64, TEN);
        assertThat(pool.liveBytes()).isEqualTo(80);
        assertThat(pool.idleBytes()).isZero();
        tensor.retain();
        tensor.release();
        assertThat(pool.liveBytes()).isEqualTo(80);
        tensor.release();
        assertThat(pool.liveBytes()).isZero();
        assertThat(pool.idleBytes()).isEqualTo(80);
        pool.take(DType.FLOAT64, TEN);
        assertThat(pool.idleBytes()).isZero();
    }

    @Test
    void idleBytesStayWithinTheBound() {
        List<DenseTensor> held = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            held.add(pool.take(DType.FLOAT32, TEN));
        }
        held.forEach(DenseTensor::release);
        assertThat(pool.idleBytes()).isEqualTo(1000);
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void sizesNoLongerAskedForMakeRoom() {
        DenseTensor old = pool.take(DType.FLOAT32, Shape.of(200));
        DenseTensor present = pool.take(DType.FLOAT32, Shape.of(150));
        Object array = present.data();
        old.release();
        present.release();
        assertThat(pool.idleBytes()).isEqualTo(600);
        assertThat(pool.take(DType.FLOAT32, Shape.of(150)).data()).isSameAs(array);
    }

    @Test
    void anArrayLargerThanTheBoundIsNotKept() {
        pool.take(DType.FLOAT32, Shape.of(251)).release();
        assertThat(pool.idleBytes()).isZero();
    }

    @Test
    void clearDropsWhatIsIdleAndLeavesWhatIsHeld() {
        DenseTensor held = pool.zeros(DType.FLOAT32, TEN);
        pool.take(DType.INT8, TEN).release();
        pool.clear();
        assertThat(pool.idleBytes()).isZero();
        assertThat(held).isEqualTo(DenseTensor.zeros(DType.FLOAT32, TEN));
    }

    @Test
    void siblingsUseEachOthersArraysUpToOneBoundAndCountTheirOwn() {
        BufferPool sibling = pool.sibling();
        DenseTensor first = pool.take(DType.FLOAT32, Shape.of(150));
        DenseTensor second = sibling.take(DType.FLOAT32, Shape.of(150));
        Object array = first.data();
        first.release();
        assertThat(sibling.take(DType.FLOAT32, Shape.of(150)).data()).isSameAs(array);
        assertThat(pool.liveBytes()).isZero();
        assertThat(sibling.liveBytes()).isEqualTo(1200);
        pool.take(DType.FLOAT32, Shape.of(150)).release();
        second.release();
        assertThat(pool.idleBytes()).as("600 + 600 bytes, at most 1000").isEqualTo(600);
    }

    @Test
    void allPoolsWithoutABoundOfTheirOwnShareOneOfTheJvm() {
        BufferPool other = new BufferPool();
        DenseTensor tensor = new BufferPool().take(DType.FLOAT32, Shape.of(LENGTH_OF_NO_OTHER_TEST));
        Object array = tensor.data();
        tensor.release();
        assertThat(other.take(DType.FLOAT32, Shape.of(LENGTH_OF_NO_OTHER_TEST)).data())
                .isSameAs(array);
    }

    /** Pieces of a few megabytes, for no collector has to find half of the heap in one place. */
    @Test
    void whatIsIdleGivesWayToWhateverElseTheProgramNeeds() {
        int pieces = 48;
        int piece = Math.toIntExact(Runtime.getRuntime().maxMemory() / 80); // 60 % of the heap in all
        BufferPool greedy = new BufferPool(Long.MAX_VALUE);
        List<DenseTensor> held = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            held.add(greedy.take(DType.INT8, Shape.of(piece)));
        }
        held.forEach(DenseTensor::release);
        held.clear();

        List<byte[]> others = new ArrayList<>();
        for (int i = 0; i < pieces; i++) {
            others.add(new byte[piece]);
        }

        assertThat(others).hasSize(pieces);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (greedy.idleBytes() == (long) pieces * piece && System.nanoTime() < deadline) {
            Thread.onSpinWait(); // what was collected is told by a thread of the JVM's own
        }
        assertThat(greedy.idleBytes()).isLessThan((long) pieces * piece);
    }

    @ParameterizedTest
    @EnumSource(DType.class)
    void zerosAreZeroInAUsedArrayToo(DType dtype) {
        DenseTensor dirty = pool.take(dtype, TEN);
        Values.fill(dirty, new Random(1));
        dirty.release();
        assertThat(pool.zeros(dtype, TEN)).isEqualTo(DenseTensor.zeros(dtype, TEN));
    }

    @Test
    void aFillThatThrowsGivesItsArrayBack() {
        assertThatThrownBy(() -> pool.filled(DType.FLOAT32, TEN, tensor -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        assertThat(pool.liveBytes()).isZero();
        assertThat(pool.idleBytes()).isEqualTo(40);
    }

    @Test
    void releasingMoreOftenThanHoldingIsRefusedAndFreesOnce() {
        DenseTensor tensor = pool.take(DType.FLOAT32, TEN);
        tensor.release();
        assertThatThrownBy(tensor::release)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("tensor float32(10,) was released more often than it was held");
        assertThatThrownBy(tensor::retain).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(tensor::data).isInstanceOf(IllegalStateException.class);
        assertThat(pool.liveBytes()).isZero();
        assertThat(pool.idleBytes()).isEqualTo(40);
    }

    @Test
    void threadsNeverShareAnArrayAndAllBytesReturn() throws Exception {
        long seed = 44;
        BufferPool shared = new BufferPool(2000);
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int mark = t;
                runs.add(threads.submit(() -> takeMarkAndRelease(shared, mark, new Random(seed + mark))));
            }
            for (Future<?> run : runs) {
                run.get(20, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(shared.liveBytes()).isZero();
        assertThat(shared.idleBytes()).isBetween(0L, 2000L);
        shared.clear();
        assertThat(shared.idleBytes()).isZero();
    }

    private static void takeMarkAndRelease(BufferPool pool, int mark, Random random) {
        Deque<DenseTensor> held = new ArrayDeque<>();
        for (int i = 0; i < 20_000; i++) {
            if (held.size() < 4) {
                DenseTensor tensor = pool.take(DType.INT32, Shape.of(1 + random.nextInt(64)));
                Arrays.fill((int[]) tensor.data(), mark);
                held.add(tensor);
            } else {
                DenseTensor tensor = held.remove();
                assertThat(Arrays.stream((int[]) tensor.data()).allMatch(value -> value == mark))
                        .as("array marked by thread %d alone", mark)
                        .isTrue();
                tensor.release();
            }
        }
        held.forEach(DenseTensor::release);
    }

    @Test
    void theArrayGivenBackLastIsTakenFirst() {
        BufferPool pool = new BufferPool(1 << 20);
        DenseTensor first = pool.take(DType.FLOAT32, Shape.of(4));
        DenseTensor second = pool.take(DType.FLOAT32, Shape.of(4));
        Object last = second.data();
        first.release();
        second.release();
        assertThat(pool.take(DType.FLOAT32, Shape.of(4)).data()).isSameAs(last);
    }
}
