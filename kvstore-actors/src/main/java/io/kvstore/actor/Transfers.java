package io.kvstore.actor;

import io.kvstore.cuda.Completions.Completion;
import io.kvstore.cuda.CudaException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Transfers of one commit or errand that are under way together. What comes after them comes once, when all are over, also
 * those that go on when one has failed: so nothing that they use is given back too early.
 */
final class Transfers {
    private final AtomicInteger open = new AtomicInteger(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Executor thread;
    private volatile Consumer<Throwable> then;

    /** @param thread runs what comes after them */
    Transfers(Executor thread) {
        this.thread = thread;
    }

    /** Begins a transfer, which tells its completion when it is over; not, once another has failed. */
    void add(Consumer<Completion> transfer) {
        if (failure.get() != null) {
            return;
        }
        open.incrementAndGet();
        try {
            transfer.accept(this::over);
        } catch (RuntimeException | Error e) {
            over(e);
        }
    }

    /** Something else that belongs to them has failed. */
    void fail(Throwable why) {
        failure.compareAndSet(null, why);
    }

    /** All are begun. @param next is given the first failure, or null */
    void whenOver(Consumer<Throwable> next) {
        then = next;
        over(null);
    }

    private void over(CudaException failed) {
        over((Throwable) failed);
    }

    private void over(Throwable failed) {
        if (failed != null) {
            failure.compareAndSet(null, failed);
        }
        if (open.decrementAndGet() == 0) {
            Consumer<Throwable> next = then;
            thread.execute(() -> next.accept(failure.get()));
        }
    }
}
