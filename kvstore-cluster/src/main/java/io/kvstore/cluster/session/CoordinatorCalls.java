package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.cluster.coordinator.CommandOutcome;
import io.kvstore.cluster.coordinator.CoordinatorClient;
import io.kvstore.session.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** How a caller waits for the coordinator, and for what it has the servers do. */
final class CoordinatorCalls {
    private final CoordinatorClient coordinator;
    private final KVStoreSettings settings;

    CoordinatorCalls(CoordinatorClient coordinator, KVStoreSettings settings) {
        this.coordinator = coordinator;
        this.settings = settings;
    }

    /** As long as patience lasts. */
    <T> T await(String operation, CompletionStage<T> stage) {
        return await(operation, stage, coordinator::waitingFor);
    }

    /** @param waitingFor says what is waited for */
    <T> T await(String operation, CompletionStage<T> stage, Supplier<String> waitingFor) {
        return await(operation, stage, new Patience(settings), waitingFor);
    }

    /** As long as a store may take to close. */
    <T> T awaitAtClose(CompletionStage<T> stage) {
        Duration limit = settings.closeTimeout();
        return await("close", stage, new Patience(limit, limit, "kvstore.close-timeout"), coordinator::waitingFor);
    }

    /** @throws KVStoreException what it failed with; {@link KVStoreTimeoutException} when patience ends */
    private static <T> T await(
            String operation, CompletionStage<T> stage, Patience patience, Supplier<String> waitingFor) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        try {
            return patience.await(future, () -> operation + ": " + waitingFor.get());
        } catch (KVStoreTimeoutException e) {
            throw e;
        } catch (KVStoreException e) {
            throw future.isCompletedExceptionally()
                    ? new KVStoreException(e.reason(), e.key().orElse(null), operation + ": " + e.getMessage(), e)
                    : e;
        }
    }

    /**
     * Runs a command on every server, once.
     *
     * @param reason of the exception that names every server that failed, and how
     * @return an outcome for each server, in the order of their addresses
     */
    List<CommandOutcome> run(String operation, Reason reason, CommandKind kind, int head, String body) {
        List<CommandOutcome> outcomes = await(operation, coordinator.command(kind, head, body));
        String failures = outcomes.stream()
                .filter(CommandOutcome::failed)
                .map(outcome -> "on " + outcome.server() + ": " + outcome.failure())
                .collect(Collectors.joining("; "));
        if (!failures.isEmpty()) {
            throw new KVStoreException(reason, operation + " failed " + failures);
        }
        return outcomes;
    }
}
