package io.kvstore;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Requests for all parameters of a {@link Trainer}, under way at once. */
final class Exchange {
    private Exchange() {}

    /**
     * Sends a request for each parameter, in their order, and waits for all, even when one fails or the thread is
     * interrupted: their arrays are lent until the store has answered.
     *
     * @throws KVStoreException the first failure, others attached as suppressed
     */
    static void all(
            Collection<TrainerParameter> parameters, Function<TrainerParameter, ? extends CompletionStage<?>> request) {
        List<CompletableFuture<?>> open = new ArrayList<>(parameters.size());
        for (TrainerParameter parameter : parameters) {
            try {
                open.add(request.apply(parameter).toCompletableFuture());
            } catch (KVStoreException e) {
                open.add(CompletableFuture.failedFuture(e));
                break;
            }
        }
        KVStoreException failure = null;
        for (CompletableFuture<?> each : open) {
            try {
                each.join();
            } catch (CompletionException e) {
                failure = with(failure, e.getCause());
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static KVStoreException with(KVStoreException first, Throwable next) {
        if (first != null) {
            first.addSuppressed(next);
            return first;
        }
        return next instanceof KVStoreException known
                ? known
                : new KVStoreException(Reason.INTERNAL, null, "the request failed: " + next, next);
    }
}
