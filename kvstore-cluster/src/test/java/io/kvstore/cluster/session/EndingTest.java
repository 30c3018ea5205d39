package io.kvstore.cluster.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.actor.Layout;
import io.kvstore.session.Call;
import io.kvstore.tensor.BufferPool;
import io.kvstore.tensor.DType;
import io.kvstore.tensor.DenseTensor;
import io.kvstore.tensor.Shape;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EndingTest {
    private static final Key KEY = Key.of("w");

    private final OpenCalls calls = new OpenCalls();
    private final BufferPool pool = new BufferPool(1 << 20);
    private final SerialCore core = new SerialCore(
            new SessionCore<>(new Nowhere(calls), pool, Timing.of(TimeUnit.SECONDS.toNanos(10)), true),
            () -> {},
            Runnable::run);
    private final Ending ending = new Ending(core, calls);

    private Call call() {
        return calls.open(KEY, "pull", failure -> {});
    }

    private static KVStoreException failureOf(Call call) {
        assertThat(call.reply()).isCompletedExceptionally();
        return (KVStoreException) catchThrowableOfType(CompletionException.class, call.reply()::join)
                .getCause();
    }

    @Test
    void nothingIsRefusedBeforeItComes() {
        assertThat(ending.hasCome()).isFalse();
        assertThat(ending.reason()).isEmpty();
        assertThat(ending.refuses(call())).isFalse();
        assertThat(calls.all()).hasSize(1);
    }

    @Test
    void theFirstReasonStays() {
        ending.because("its actor system has ended");
        ending.because("the store was closed");
        assertThat(ending.reason()).contains("its actor system has ended");
    }

    @Test
    void callsThatAreOpenFailWithTheReason() {
        Call call = call();
        ending.because("the store was closed");
        assertThat(failureOf(call).reason()).isEqualTo(Reason.CLOSED);
        assertThat(failureOf(call)).hasMessage("the session has ended: the store was closed");
        assertThat(calls.all()).isEmpty();
    }

    @Test
    void whatTheLogicHoldsForThemIsLetGo() {
        Call call = calls.open(KEY, "init", failure -> {});
        DenseTensor value = pool.take(DType.FLOAT32, Shape.of(2));
        Layout layout = new Layout(Shape.of(2), DType.FLOAT32, false, 2);
        core.execute(logic -> logic.init(call.id(), KEY, layout, Payload.of(value)));
        assertThat(pool.liveBytes()).isPositive();
        ending.because("the store was closed");
        assertThat(pool.liveBytes()).isZero();
    }

    @Test
    void callsThatComeLaterAreRefused() {
        ending.because("the store was closed");
        Call call = call();
        assertThat(ending.refuses(call)).isTrue();
        assertThat(failureOf(call).key()).contains(KEY);
        assertThat(failureOf(call)).hasMessageContaining("pull on a store that has ended: the store was closed");
    }
}
