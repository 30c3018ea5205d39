package io.kvstore.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kvstore.cuda.sim.SimulatedDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CompletionsTest {
    /** An event that is done when the test says so. */
    private static final class ByHand implements GpuEvent {
        private volatile boolean done;

        @Override
        public boolean isDone() {
            return done;
        }

        @Override
        public void close() {}
    }

    private static CompletableFuture<Void> whenDone(Completions completions, GpuEvent event) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        completions.whenDone(event, failure -> {
            if (failure == null) {
                done.complete(null);
            } else {
                done.completeExceptionally(failure);
            }
        });
        return done;
    }

    @Test
    void eachEventIsToldOnceWhateverTheirOrder() throws Exception {
        try (Completions completions = new Completions()) {
            List<ByHand> events = new ArrayList<>();
            List<CompletableFuture<Void>> told = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                events.add(new ByHand());
                told.add(whenDone(completions, events.get(i)));
            }
            for (int i : new Random(1).ints(0, 100).distinct().limit(100).toArray()) {
                assertThat(told.get(i)).isNotDone();
                events.get(i).done = true;
                told.get(i).get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aCompletionThatThrowsSilencesNoOther() throws Exception {
        try (Completions completions = new Completions()) {
            ByHand event = new ByHand();
            completions.whenDone(event, failure -> {
                throw new IllegalStateException("a fault that this test plants");
            });
            CompletableFuture<Void> other = whenDone(completions, event);
            event.done = true;
            other.get(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void anEventThatCannotBeAskedIsAskedAgainAndSilencesNoOther() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        GpuEvent troubled = new GpuEvent() {
            @Override
            public boolean isDone() {
                if (asked.incrementAndGet() <= 3) {
                    throw new OutOfMemoryError("that this test plants");
                }
                return true;
            }

            @Override
            public void close() {}
        };
        try (Completions completions = new Completions()) {
            CompletableFuture<Void> told = whenDone(completions, troubled);
            ByHand event = new ByHand();
            CompletableFuture<Void> other = whenDone(completions, event);
            event.done = true;
            other.get(10, TimeUnit.SECONDS);
            told.get(10, TimeUnit.SECONDS);
            assertThat(asked).hasValue(4);
        }
    }

    @Test
    void aLostDeviceIsToldAsTheFailure() {
        try (Completions completions = new Completions();
                SimulatedDriver driver =
                        SimulatedDriver.builder().slow(Duration.ofSeconds(1)).start()) {
            Gpu gpu = driver.open(0);
            GpuStream stream = gpu.newStream();
            GpuEvent event = gpu.newEvent();
            stream.record(event);
            CompletableFuture<Void> told = whenDone(completions, event);
            driver.gpu(0).lose();
            assertThatThrownBy(() -> told.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            CudaException.class, e -> assertThat(e.kind()).isEqualTo(CudaException.Kind.DEVICE_LOST));
        }
    }

    @Test
    void afterCloseWhatIsOutstandingIsToldAndNothingMoreIsTaken() throws Exception {
        Completions completions = new Completions();
        ByHand event = new ByHand();
        CompletableFuture<Void> told = whenDone(completions, event);
        completions.close();
        assertThatThrownBy(() -> completions.whenDone(event, failure -> {})).isInstanceOf(IllegalStateException.class);
        event.done = true;
        told.get(10, TimeUnit.SECONDS);
    }
}
