package io.kvstore.cluster.session;

import io.kvstore.KVStoreException;
import io.kvstore.KVStoreSettings;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Reason;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.cluster.coordinator.CommandOutcome;
import io.kvstore.cluster.coordinator.Configuration;
import io.kvstore.cluster.coordinator.CoordinatorClient;
import io.kvstore.cluster.coordinator.Registration;
import io.kvstore.session.Patience;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** A worker's calls of its coordinator, each of which waits for the answer as long as patience lasts. */
final class CoordinatorCalls {
    private final CoordinatorClient coordinator;
    private final KVStoreSettings settings;

    CoordinatorCalls(CoordinatorClient coordinator, KVStoreSettings settings) {
        this.coordinator = coordinator;
        this.settings = settings;
    }

    /** As {@link CoordinatorClient#register}. */
    Registration register() {
        return await("create", coordinator.register());
    }

    /** As {@link CoordinatorClient#setConfiguration(String, long)}. */
    Configuration configure(String operation, String content, long expectedVersion) {
        return await(operation, coordinator.setConfiguration(content, expectedVersion));
    }

    /** As {@link CoordinatorClient#barrier}. */
    void barrier() {
        await("barrier", coordinator.barrier());
    }

    /** As {@link CoordinatorClient#numDeadNodes}. */
    int numDeadNodes(int group) {
        return await("numDeadNodes", coordinator.numDeadNodes(group));
    }

    /** As {@link CoordinatorClient#leave}, after a barrier perhaps; each as long as a store may take to close. */
    void leave(boolean afterBarrier) {
        if (afterBarrier) {
            awaitAtClose(coordinator.barrier());
        }
        awaitAtClose(coordinator.leave());
    }

    /** What is waited for, for people; empty if nothing is. */
    String waitingFor() {
        return coordinator.waitingFor();
    }

    Duration patience() {
        return settings.patience();
    }

    private <T> T await(String operation, CompletionStage<T> stage) {
        return await(operation, stage, coordinator::waitingFor);
    }

    /** Waits for something else as for the coordinator. @param waitingFor says what is waited for */
    <T> T await(String operation, CompletionStage<T> stage, Supplier<String> waitingFor) {
        return await(operation, stage, new Patience(settings), waitingFor);
    }

    private void awaitAtClose(CompletionStage<Void> stage) {
        Duration limit = settings.closeTimeout();
        await("close", stage, new Patience(limit, limit, "kvstore.close-timeout"), coordinator::waitingFor);
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
