package io.kvstore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Turns the argument forms into the list form; nulls pass through to where they are refused by name. */
final class Forms {
    private Forms() {}

    static List<Object> one(Object item) {
        return Arrays.asList(item);
    }

    /** The only element of a stage's list; a failure is passed on as it is, which a dependent stage would wrap. */
    static <T> CompletionStage<T> only(CompletionStage<List<T>> stage) {
        CompletableFuture<T> only = new CompletableFuture<>();
        stage.whenComplete((list, failure) -> {
            if (failure == null) {
                only.complete(list.get(0));
            } else {
                only.completeExceptionally(failure);
            }
        });
        return only;
    }

    static List<String> keys(Map<String, ?> map) {
        return map == null ? null : new ArrayList<>(map.keySet());
    }

    static List<?> values(Map<String, ?> map) {
        return map == null ? null : new ArrayList<>(map.values());
    }
}
