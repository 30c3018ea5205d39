package io.kvstore.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.KeyInfo;
import io.kvstore.Reason;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.Dense;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.EncodedTensor;
import io.kvstore.tensor.Shape;
import io.kvstore.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ResidualsTest {
    private static final Key KEY = Key.of("w");
    private static final int BYTES = 8; // of one residual of the key

    private final BufferPool pool = new BufferPool(1 << 20);
    private final Residuals residuals = new Residuals(GradientCompression.twoBit(0.5), pool);

    private static KeyInfo info(Key key, long generation) {
        return new KeyInfo(key, Shape.of(2), DType.FLOAT32, false, 0, generation, "cpu(0)");
    }

    private static Dense gradient(float first, float second) {
        return DenseTensor.of(new float[] {first, second});
    }

    /** The values that are sent of one device each. */
    private List<List<Float>> sent(KeyInfo info, Dense... gradients) {
        return residuals.send(info, List.of(gradients), ResidualsTest::decoded);
    }

    private static List<List<Float>> decoded(List<Tensor> packed) {
        List<List<Float>> values = new ArrayList<>();
        for (Tensor each : packed) {
            float[] two = new float[2];
            Decoding.of((EncodedTensor) each).read(0, two, 0, 2);
            values.add(List.of(two[0], two[1]));
        }
        return values;
    }

    @Test
    void eachDeviceOfEachKeyHasAResidualOfItsOwn() {
        KeyInfo w = info(KEY, 1);
        KeyInfo v = info(Key.of("v"), 2);
        assertThat(sent(w, gradient(0.25f, 0), gradient(0, 0.25f))).containsExactly(List.of(0f, 0f), List.of(0f, 0f));
        assertThat(sent(v, gradient(0.25f, 0.25f))).containsExactly(List.of(0f, 0f));
        assertThat(sent(w, gradient(0.25f, 0.25f), gradient(0.25f, 0.25f)))
                .containsExactly(List.of(0.5f, 0f), List.of(0f, 0.5f));
        assertThat(sent(v, gradient(0.25f, 0))).containsExactly(List.of(0.5f, 0f));
    }

    @Test
    void aPushOfFewerDevicesLeavesTheOthersResiduals() {
        KeyInfo w = info(KEY, 1);
        sent(w, gradient(0.25f, 0), gradient(0, 0.25f));
        sent(w, gradient(0, 0));
        assertThat(sent(w, gradient(0.25f, 0), gradient(0, 0.25f), gradient(-1, 0)))
                .containsExactly(List.of(0.5f, 0f), List.of(0f, 0.5f), List.of(-0.5f, 0f));
        assertThat(pool.liveBytes()).isEqualTo(3 * BYTES);
    }

    @Test
    void aPushThatCannotBeSentLeavesEverythingAsItWas() {
        KeyInfo w = info(KEY, 1);
        sent(w, gradient(0.25f, 0));
        RuntimeException broken = new IllegalStateException("as planned");
        assertThatThrownBy(() -> residuals.send(w, List.of(gradient(0.25f, 1), gradient(1, 1)), packed -> {
                    throw broken;
                }))
                .isSameAs(broken);
        assertThat(pool.liveBytes()).isEqualTo(BYTES);
        assertThat(sent(w, gradient(0.25f, 0))).containsExactly(List.of(0.5f, 0f));
    }

    @Test
    void aKeyThatWasCreatedAgainStartsAtZero() {
        sent(info(KEY, 1), gradient(0.25f, 0.25f));
        assertThat(sent(info(KEY, 2), gradient(0.25f, 0.25f))).containsExactly(List.of(0f, 0f));
        assertThat(pool.liveBytes()).isEqualTo(BYTES);
    }

    @Test
    void whatIsForgottenIsFreedAndStartsAtZero() {
        sent(info(KEY, 1), gradient(0.25f, 0.25f), gradient(0, 0));
        sent(info(Key.of("v"), 1), gradient(0.25f, 0.25f));
        residuals.forget(KEY);
        residuals.forget(KEY);
        assertThat(pool.liveBytes()).isEqualTo(BYTES);
        assertThat(sent(info(KEY, 1), gradient(0.25f, 0.25f))).containsExactly(List.of(0f, 0f));
        residuals.close();
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void aPushUnderWayLeavesNothingBehindOnceItsKeyIsForgottenOrAllIsClosed() {
        KeyInfo w = info(KEY, 1);
        residuals.send(w, List.of(gradient(0.25f, 0)), packed -> {
            residuals.forget(KEY); // by the same thread, as no other gets through meanwhile
            return packed;
        });
        assertThat(pool.liveBytes()).isZero();
        residuals.close();
        sent(w, gradient(0.25f, 0));
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void whatCannotBePackedIsToldByElementAndArray() {
        KeyInfo w = info(KEY, 1);
        assertThat(residuals.problem("push", w, List.of(gradient(1, Float.MAX_VALUE))))
                .isNull();
        assertProblem(w, Reason.INVALID_ARGUMENT, "finite values, given NaN as element 1", gradient(1, Float.NaN));
        assertProblem(
                w,
                Reason.INVALID_ARGUMENT,
                "push with gradient compression 2bit(threshold=0.5) expects finite values,"
                        + " given -Infinity as element 0 of array 1",
                gradient(1, 1),
                gradient(Float.NEGATIVE_INFINITY, 1));
        KeyInfo half = new KeyInfo(KEY, Shape.of(2), DType.FLOAT16, false, 0, 1, "cpu(0)");
        assertProblem(half, Reason.UNSUPPORTED_DTYPE, "a key of type float32, given float16", gradient(1, 1));
    }

    @Test
    void theFirstOfManyElementsThatIsNotFiniteIsTold() {
        float[] values = new float[10_000];
        values[9_000] = Float.NaN;
        values[4_097] = Float.POSITIVE_INFINITY;
        KeyInfo big = new KeyInfo(KEY, Shape.of(10_000), DType.FLOAT32, false, 0, 1, "cpu(0)");
        assertProblem(big, Reason.INVALID_ARGUMENT, "given Infinity as element 4097", DenseTensor.of(values));
    }

    @Test
    void aPayloadThatNoArrayCouldHoldIsRefusedBeforeAnyMemoryIsTaken() {
        Residuals all = new Residuals(GradientCompression.topK(1), pool);
        KeyInfo huge = new KeyInfo(KEY, Shape.of(1 << 29), DType.FLOAT32, false, 0, 1, "cpu(0)");
        KVStoreException problem = all.problem("push", huge, List.of());
        assertThat(problem.reason()).isEqualTo(Reason.INVALID_ARGUMENT);
        assertThat(problem).hasMessageContaining("a payload of 4294967300 bytes, at most 2147483639 fit");
    }

    private void assertProblem(KeyInfo info, Reason reason, String why, Dense... gradients) {
        KVStoreException problem = residuals.problem("push", info, List.of(gradients));
        assertThat(problem.reason()).isEqualTo(reason);
        assertThat(problem).hasMessageContaining(why);
    }

    @Test
    void pushesOfOneKeyAreSentInTheOrderInWhichTheyArePacked() throws InterruptedException {
        int threads = 4;
        int pushes = 500;
        KeyInfo w = info(KEY, 1);
        float step = 0.1875f;
        List<Float> sent = new ArrayList<>(); // guarded by the key's turn alone
        CountDownLatch ready = new CountDownLatch(threads);
        List<Thread> all = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            Thread thread = new Thread(() -> {
                ready.countDown();
                for (int i = 0; i < pushes; i++) {
                    residuals.send(
                            w,
                            List.of(gradient(step, 0)),
                            packed -> sent.add(decoded(packed).get(0).get(0)));
                }
            });
            thread.start();
            all.add(thread);
        }
        assertThat(ready.await(20, TimeUnit.SECONDS)).isTrue();
        for (Thread thread : all) {
            thread.join(TimeUnit.SECONDS.toMillis(20));
            assertThat(thread.isAlive()).isFalse();
        }
        List<Float> expected = new ArrayList<>();
        float left = 0;
        for (int i = 0; i < threads * pushes; i++) {
            left += step;
            expected.add(left >= 0.5f ? 0.5f : 0f);
            left -= expected.get(i);
        }
        assertThat(sent).isEqualTo(expected);
    }
}
