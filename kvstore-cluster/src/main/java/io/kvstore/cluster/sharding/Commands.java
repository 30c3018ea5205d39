package io.kvstore.cluster.sharding;

import io.kvstore.KVStoreException;
import io.kvstore.Key;
import io.kvstore.Reason;
import io.kvstore.ServerController;
import io.kvstore.actor.PartStore;
import io.kvstore.actor.StoreThread;
import io.kvstore.cluster.coordinator.CommandKind;
import io.kvstore.profile.Profile;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** Runs workers' commands on one server. */
final class Commands {
    private final Function<String, Optional<PartStore>> stores;
    private final Optional<ServerController> controller;
    private final Executor executor;
    private final Profilers profilers = new Profilers();

    /**
     * @param stores what the server has of a store, by name; empty if the store has no configuration yet
     * @param controller of the user, if there is one
     * @param executor where commands run
     */
    Commands(Function<String, Optional<PartStore>> stores, Optional<ServerController> controller, Executor executor) {
        this.stores = stores;
        this.controller = controller;
        this.executor = executor;
    }

    CompletionStage<String> run(String store, CommandKind kind, int head, String body) {
        return CompletableFuture.supplyAsync(
                () -> switch (kind) {
                    case CONTROLLER -> control(head, body);
                    case PROFILER -> profilers.run(profile(store), head, body);
                    case KEYS -> keys(store, body).toText();
                },
                executor);
    }

    private String control(int head, String body) {
        controller.ifPresent(each -> StoreThread.run(() -> each.onCommand(head, body)));
        return "";
    }

    private Profile profile(String store) {
        return stores.apply(store)
                .map(PartStore::profile)
                .orElseThrow(() -> new KVStoreException(
                        Reason.BUSY, "this server has not heard of store '" + store + "' yet; try again"));
    }

    private KeyPage keys(String store, String body) {
        Key after = body.isEmpty() ? null : KeyPage.entries(body).get(0);
        return KeyPage.of(stores.apply(store).map(PartStore::keys).orElse(List.of()), after);
    }
}
