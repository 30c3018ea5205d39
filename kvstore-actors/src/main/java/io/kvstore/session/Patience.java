package io.kvstore.session;

import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Reason;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a blocked caller waits: explained in the log after a while, and not without end. */
public final class Patience {
    private static final Logger log = LoggerFactory.getLogger(Patience.class);

    private final long explainNanos;
    private final Duration patience;
    private final String setting;

    /** That of calls. */
    public Patience(KVStoreSettings settings) {
        this(settings.explainAfter(), settings.patience(), "kvstore.patience");
    }

    /** @param setting which gives the limit */
    public Patience(Duration explainAfter, Duration limit, String setting) {
        this.explainNanos = explainAfter.toNanos();
        this.patience = limit;
        this.setting = setting;
    }

    Duration limit() {
        return patience;
    }

    /** What is left of a wait that began at {@code start}. */
    long leftNanos(long start) {
        return patience.toNanos() - (System.nanoTime() - start);
    }

    /** How long a wait that began at {@code start} may go on before it is explained again, or ends; at least 1. */
    long nextNanos(long start) {
        return Math.max(1, Math.min(explainNanos, leftNanos(start)));
    }

    /**
     * Waits for {@code future}, and throws what it failed with.
     *
     * @param explain says what is waited for
     * @throws KVStoreTimeoutException when patience ends
     */
    public <T> T await(CompletableFuture<T> future, Supplier<String> explain) {
        long start = System.nanoTime();
        while (true) {
            try {
                return future.get(nextNanos(start), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                if (leftNanos(start) <= 0) {
                    throw timeout(explain.get());
                }
                log.warn("still waiting: {}", explain.get());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw interrupted(explain.get());
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            }
        }
    }

    KVStoreTimeoutException timeout(String waiting) {
        return new KVStoreTimeoutException(
                null,
                "no outcome within " + Times.text(patience) + " (" + setting + "); it is unknown. Waiting: " + waiting);
    }

    static KVStoreException interrupted(String waiting) {
        return new KVStoreException(Reason.INTERRUPTED, "interrupted; the outcome is unknown. Waiting: " + waiting);
    }

    private static KVStoreException failure(Throwable cause) {
        return cause instanceof KVStoreException known
                ? known
                : new KVStoreException(Reason.INTERNAL, null, "the request failed: " + cause, cause);
    }
}
