package io.kvstore.cluster.session;

import io.kvstore.session.Call;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Tells people what calls wait for, as their parts say it when they are asked. Any thread may use it. */
final class Explanations {
    /** How long parts are asked; then what is known here must do. */
    private static final Duration LIMIT = Duration.ofMillis(500);

    private final SerialCore core;
    private final Supplier<String> coordinated;

    /** @param coordinated what the coordinator is waited for, or an empty text */
    Explanations(SerialCore core, Supplier<String> coordinated) {
        this.core = core;
        this.coordinated = coordinated;
    }

    String of(Call call) {
        return of(List.of(call)).get(0);
    }

    /** A line for each of these. */
    List<String> of(List<Call> calls) {
        Map<Long, String> reasons = reasons(calls.stream().map(Call::id).toList());
        return calls.stream()
                .map(call -> String.format(
                        Locale.ROOT,
                        "%s of key %s has waited %.1f s: %s",
                        call.what(),
                        call.key(),
                        call.seconds(),
                        reasons.getOrDefault(call.id(), otherwise())))
                .toList();
    }

    private String otherwise() {
        String text = coordinated.get();
        return text.isEmpty() ? "no answer yet" : text;
    }

    /** By the ids of the calls; nothing of one that is not open. */
    private Map<Long, String> reasons(List<Long> ids) {
        Map<Long, String> reasons = new ConcurrentHashMap<>();
        CompletableFuture<?>[] asked = ids.stream().map(id -> ask(id, reasons)).toArray(CompletableFuture<?>[]::new);
        if (!isDone(CompletableFuture.allOf(asked))) {
            CompletableFuture<Void> rest = new CompletableFuture<>();
            core.execute(logic -> {
                ids.forEach(id -> logic.waitReasons().of(id).ifPresent(text -> reasons.putIfAbsent(id, text)));
                rest.complete(null);
            });
            isDone(rest);
        }
        return reasons;
    }

    private CompletableFuture<Void> ask(long id, Map<Long, String> reasons) {
        CompletableFuture<Void> told = new CompletableFuture<>();
        core.execute(logic -> logic.waitReasons().ask(id, answer -> {
            answer.ifPresent(text -> reasons.put(id, text));
            told.complete(null);
        }));
        return told;
    }

    private static boolean isDone(CompletableFuture<Void> future) {
        try {
            future.get(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException e) {
            return false;
        }
    }
}
