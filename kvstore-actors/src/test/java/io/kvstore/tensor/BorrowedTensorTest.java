package io.kvstore.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

class BorrowedTensorTest {
    @Test
    void itReadsTheArrayInPlaceByItsLogicalValue() {
        INDArray array =
                Nd4j.createFromArray(new float[][] {{1, 2, 3}, {4, 5, 6}}).transpose();
        BorrowedTensor tensor = new BorrowedTensor(array, () -> {});
        float[] read = new float[4];
        tensor.read(1, read, 0, 4);
        assertThat(read).containsExactly(4, 2, 5, 3);
        array.putScalar(0, 1, 40);
        tensor.read(1, read, 0, 1);
        assertThat(read[0]).isEqualTo(40);
        assertThat(tensor.arrayOrNull()).isNull();
        assertThat(tensor.shape()).isEqualTo(Shape.of(3, 2));
        assertThat(tensor.bytes()).isEqualTo(24);
        assertThat(tensor).hasToString("borrowed float32(3, 2)");
    }

    @Test
    void releaseLetsTheOwnerGoOn() {
        AtomicInteger released = new AtomicInteger();
        BorrowedTensor tensor = new BorrowedTensor(Nd4j.ones(2), released::incrementAndGet);
        assertThat(released).hasValue(0);
        tensor.release();
        assertThat(released).hasValue(1);
    }

    @Test
    void aRevokedArrayIsNotReadAnyMore() {
        BorrowedTensor tensor = new BorrowedTensor(Nd4j.ones(2), () -> {});
        tensor.revoke();
        float[] untouched = new float[2];
        assertThat(catchThrowableOfType(KVStoreException.class, () -> tensor.read(0, untouched, 0, 2))
                        .reason())
                .isEqualTo(Reason.CLOSED);
        assertThat(untouched).containsOnly(0f);
    }

    @Test
    void aCapturedArrayIsReadAsItWas() {
        BufferPool pool = new BufferPool(0);
        INDArray array = Nd4j.createFromArray(1f, 2f, 3f);
        BorrowedTensor tensor = new BorrowedTensor(array, () -> {});
        tensor.capture(pool);
        array.assign(9);
        tensor.capture(pool);
        float[] read = new float[2];
        new BorrowedSlice(tensor, 1, Shape.of(2)).read(0, read, 0, 2);
        assertThat(read).containsExactly(2, 3);
        assertThat(pool.liveBytes()).isEqualTo(12);
        tensor.revoke();
        assertThat(pool.liveBytes()).isZero();
        assertThatThrownBy(() -> tensor.read(0, read, 0, 1)).isInstanceOf(KVStoreException.class);
    }

    @Test
    void whatIsRevokedIsNotCaptured() {
        BufferPool pool = new BufferPool(0);
        BorrowedTensor tensor = new BorrowedTensor(Nd4j.ones(2), () -> {});
        tensor.revoke();
        tensor.capture(pool);
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aSliceLiesWithinItsArray() {
        BorrowedTensor tensor = new BorrowedTensor(Nd4j.ones(6), () -> {});
        assertThatThrownBy(() -> new BorrowedSlice(tensor, 4, Shape.of(3))).hasMessageContaining("does not lie within");
        assertThatThrownBy(() -> new BorrowedSlice(tensor, -1, Shape.of(3)))
                .hasMessageContaining("does not lie within");
    }

    @Test
    @Timeout(30)
    void onceRevokeHasReturnedNobodyReads() throws InterruptedException {
        BorrowedTensor tensor = new BorrowedTensor(Nd4j.ones(1000), () -> {});
        AtomicBoolean revoked = new AtomicBoolean();
        AtomicReference<String> problem = new AtomicReference<>();
        AtomicInteger reads = new AtomicInteger();
        Thread reader = new Thread(() -> {
            float[] target = new float[1000];
            try {
                while (true) {
                    boolean late = revoked.get();
                    tensor.read(0, target, 0, 1000);
                    reads.incrementAndGet();
                    if (late) {
                        problem.set("read after revoke had returned");
                        return;
                    }
                }
            } catch (KVStoreException expected) {
                problem.set(expected.reason().toString());
            }
        });
        reader.start();
        while (reads.get() < 100) {
            Thread.onSpinWait();
        }
        tensor.revoke();
        revoked.set(true);
        reader.join(10_000);
        assertThat(problem).hasValue("CLOSED");
    }

    @Test
    @Timeout(30)
    void nobodyTakesAnArrayBackWhileItsSumIsRead() throws InterruptedException {
        AtomicInteger released = new AtomicInteger();
        BorrowedTensor first = new BorrowedTensor(Nd4j.ones(3), released::incrementAndGet);
        BorrowedTensor second = new BorrowedTensor(Nd4j.ones(3), released::incrementAndGet);
        LentSum sum = LentSum.of(List.of(first, second), Kernels.LOCAL_GROUP);
        Thread taker = new Thread(second::revoke);
        taker.start();
        while (taker.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        float[] read = new float[3];
        sum.read(1, read, 0, 2);
        assertThat(read).containsExactly(2, 2, 0);
        assertThat(taker.isAlive()).isTrue();
        sum.release();
        taker.join(10_000);
        assertThat(taker.isAlive()).isFalse();
        assertThat(released).hasValue(2);
        assertThatThrownBy(() -> second.read(0, read, 0, 1)).isInstanceOf(KVStoreException.class);
    }

    @Test
    @Timeout(30)
    void theSumOfAnArrayThatWasTakenBackHoldsNoOther() {
        BorrowedTensor live = new BorrowedTensor(Nd4j.ones(3), () -> {});
        BorrowedTensor gone = new BorrowedTensor(Nd4j.ones(3), () -> {});
        gone.revoke();
        assertThatThrownBy(() -> LentSum.of(List.of(live, gone), Kernels.LOCAL_GROUP))
                .isInstanceOf(KVStoreException.class);
        live.revoke(); // would wait for ever for who holds it
    }

    @Test
    void onlyLiveArraysAreBorrowed() {
        INDArray closed = Nd4j.ones(2);
        closed.close();
        assertThatThrownBy(() -> new BorrowedTensor(closed, () -> {})).isInstanceOf(KVStoreException.class);
    }
}
