package io.kvstore.robust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.kvstore.KVStore;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Tensor;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the tests of this package share: bounded waits, refusals, values. */
final class Support {
    static final long SECONDS = 20;

    private Support() {}

    /** An array of that shape with one value everywhere. */
    static INDArray filled(double value, long... shape) {
        return Nd4j.valueArrayOf(shape, (float) value);
    }

    /** The refusal that {@code call} ends with. */
    static KVStoreException refused(Reason reason, ThrowingCallable call) {
        return refusal(reason, catchThrowable(call));
    }

    /** The refusal that a stage ends with, which nothing may wrap. */
    static KVStoreException refused(Reason reason, CompletionStage<?> stage) {
        Supplier<Throwable> failure =
                () -> stage.handle((value, e) -> e).toCompletableFuture().join();
        return refusal(reason, within(CompletableFuture.supplyAsync(failure)));
    }

    private static KVStoreException refusal(Reason reason, Throwable thrown) {
        assertThat(thrown).isInstanceOf(KVStoreException.class);
        KVStoreException refusal = (KVStoreException) thrown;
        assertThat(refusal.reason()).as(refusal.getMessage()).isEqualTo(reason);
        return refusal;
    }

    /** The stage's outcome, which must come soon. */
    static <T> T within(CompletionStage<T> stage) {
        return stage.toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(SECONDS, TimeUnit.SECONDS))
                    .as("latch within %s s", SECONDS)
                    .isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for a latch", e);
        }
    }

    /** Waits until the condition holds, and fails when it does not in time. */
    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("%s, within %s s", what, SECONDS).isLessThan(end);
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** That the key has this value in every element. */
    static void assertAll(KVStore kv, String key, double value) {
        DenseTensor now = Tensor.copyOf(kv.pull(key));
        float[] expected = new float[now.length()];
        Arrays.fill(expected, (float) value);
        assertThat(now.floats()).as("value of %s", key).containsExactly(expected);
    }

    static long version(KVStore kv, String key) {
        return kv.info(key).orElseThrow().version();
    }
}
