package io.kvstore.session;

import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is waited for without blocking: explained in the log after a while, all together, and not without end. Any thread
 * may use it. It costs a timer only while something is open, one for all.
 */
final class OpenStages {
    private static final Logger log = LoggerFactory.getLogger(OpenStages.class);

    /** One wait; {@code due} is when it is next to be explained, or given up. */
    private static final class Open {
        final CompletableFuture<Void> outcome;
        final List<Call> calls;
        final long start = System.nanoTime();
        volatile long due;

        Open(CompletableFuture<Void> outcome, List<Call> calls) {
            this.outcome = outcome;
            this.calls = calls;
        }
    }

    private final Patience patience;
    private final Executor executor;
    private final Function<List<Call>, String> explain;
    private final Set<Open> open = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean timed = new AtomicBoolean();

    /** @param executor explains and gives up, and may take its time */
    OpenStages(Patience patience, Executor executor, Function<List<Call>, String> explain) {
        this.patience = patience;
        this.executor = executor;
        this.explain = explain;
    }

    /** Completes with {@code outcome}, or fails when patience ends. */
    CompletableFuture<Void> bounded(CompletableFuture<Void> outcome, List<Call> calls) {
        if (outcome.isDone()) {
            return outcome;
        }
        Open added = new Open(outcome, calls);
        added.due = added.start + patience.nextNanos(added.start);
        open.add(added);
        if (!timed.get()) {
            setTimer();
        }
        return outcome.whenComplete((done, failure) -> open.remove(added));
    }

    /** For the first that is due; there is one timer at most. */
    private void setTimer() {
        open.stream()
                .mapToLong(each -> each.due)
                .reduce((a, b) -> a - b <= 0 ? a : b)
                .ifPresent(next -> {
                    if (timed.compareAndSet(false, true)) {
                        long delay = Math.max(1, next - System.nanoTime());
                        CompletableFuture.delayedExecutor(delay, TimeUnit.NANOSECONDS, executor)
                                .execute(this::look);
                    }
                });
    }

    private void look() {
        long now = System.nanoTime();
        List<Open> due = open.stream()
                .filter(each -> each.due - now <= 0)
                .sorted(Comparator.comparingLong(each -> each.start))
                .toList();
        due.stream().filter(each -> patience.leftNanos(each.start) <= 0).forEach(this::giveUp);
        List<Open> waiting = due.stream().filter(each -> !each.outcome.isDone()).toList();
        if (!waiting.isEmpty()) {
            log.warn("still waiting: {}", explain.apply(calls(waiting)));
        }
        waiting.forEach(each -> each.due = System.nanoTime() + patience.nextNanos(each.start));
        timed.set(false); // first, so that what is added from now on sets a timer, or is seen here
        setTimer();
    }

    private void giveUp(Open stage) {
        stage.outcome.completeExceptionally(patience.timeout(explain.apply(stage.calls)));
    }

    private static List<Call> calls(List<Open> stages) {
        return stages.stream().flatMap(stage -> stage.calls.stream()).collect(Collectors.toList());
    }
}
