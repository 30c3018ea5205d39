package io.kvstore.cluster.coordinator;

import akka.actor.typed.ActorSystem;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A worker of a test, and what it was told. */
final class TestWorker implements WorkerListener, AutoCloseable {
    final CoordinatorClient client;
    final List<Closed> closed = new CopyOnWriteArrayList<>();
    volatile Registration registered;
    volatile Membership membership;
    volatile Configuration configuration = Configuration.NONE;
    volatile List<String> servers = List.of();

    TestWorker(ActorSystem<?> system, String store, String name, int workers, List<String> addresses) {
        client = CoordinatorClient.start(system, new WorkerIdentity(store, name, workers, addresses), this);
    }

    Registration registered() throws Exception {
        registered = get(client.register());
        return registered;
    }

    static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(CoordinatorServers.LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Why {@code stage} fails. */
    static Throwable failureOf(CompletionStage<?> stage) throws Exception {
        try {
            Object value = get(stage);
            throw new AssertionError("completed with " + value);
        } catch (ExecutionException e) {
            return e.getCause();
        }
    }

    @Override
    public void closed(long incarnation, Closed why) {
        closed.add(why);
    }

    @Override
    public void membersChanged(Membership now) {
        membership = now;
    }

    @Override
    public void configChanged(Configuration now) {
        configuration = now;
    }

    @Override
    public void serversChanged(List<String> now) {
        servers = now;
    }

    /** Without a word to the coordinator, as if it had died. */
    @Override
    public void close() {
        client.close();
    }
}
