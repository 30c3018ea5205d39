package io.kvstore.cluster.coordinator;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server's keys as a test sees them: what they were told last, and which commands ran. */
final class RecordingListener implements StoreListener {
    private final Map<String, Membership> memberships = new ConcurrentHashMap<>();
    private final Map<String, List<Configuration>> configurations = new ConcurrentHashMap<>();
    private final Map<String, List<String>> commands = new ConcurrentHashMap<>();

    Membership membership(String store) {
        return memberships.get(store);
    }

    List<Configuration> configurations(String store) {
        return configurations.getOrDefault(store, List.of());
    }

    List<String> commands(String store) {
        return commands.getOrDefault(store, List.of());
    }

    @Override
    public void membersChanged(String store, Membership membership) {
        memberships.put(store, membership);
    }

    @Override
    public void configChanged(String store, Configuration configuration) {
        configurations
                .computeIfAbsent(store, name -> new CopyOnWriteArrayList<>())
                .add(configuration);
    }

    /** Fails for a head of 13, and at once for 14. */
    @Override
    public CompletionStage<String> runCommand(String store, CommandKind kind, int head, String body) {
        commands.computeIfAbsent(store, name -> new CopyOnWriteArrayList<>()).add(kind + " " + head + " " + body);
        if (head == 14) {
            throw new IllegalStateException("no such command");
        }
        return head == 13
                ? CompletableFuture.failedFuture(new IllegalArgumentException("unlucky"))
                : CompletableFuture.completedFuture("done " + body);
    }
}
