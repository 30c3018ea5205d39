package io.kvstore.cluster.sharding;

import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import io.kvstore.ServerController;
import io.kvstore.actor.StoreThread;
import io.kvstore.cluster.coordinator.CommandKind;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Runs workers' commands on one server: those for the registered controller, if there is one. */
final class Commands {
    private final Optional<ServerController> controller;
    private final Executor executor;

    /** @param executor where controllers run */
    Commands(Optional<ServerController> controller, Executor executor) {
        this.controller = controller;
        this.executor = executor;
    }

    CompletionStage<String> run(String store, CommandKind kind, int head, String body) {
        if (kind == CommandKind.PROFILER) {
            return CompletableFuture.failedFuture(
                    new KVStoreException(Reason.UNSUPPORTED, "servers have no profiler in this version"));
        }
        return CompletableFuture.supplyAsync(
                () -> {
                    controller.ifPresent(each -> StoreThread.run(() -> each.onCommand(head, body)));
                    return "";
                },
                executor);
    }
}
