package io.kvstore.cluster.coordinator;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;

/**
 * A worker's session with the coordinator. Thread-safe; never blocks. The worker's ActorSystem need not be a member of
 * the servers' cluster.
 *
 * <p>Calls are repeated until they are answered, so they wait as long as no server answers: whoever waits limits the
 * wait, and says {@link #waitingFor()}. Their stages complete on the thread on which heartbeats run: what depends on them
 * is short, or goes to another thread. What is open when a life ends goes on in the next one.
 */
public final class CoordinatorClient implements AutoCloseable {
    private final WorkerListener listener;
    private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();
    private ActorRef<ClientActor.Command> actor;
    private volatile boolean stopped;
    private volatile String waitingFor = "";

    private CoordinatorClient(WorkerListener listener) {
        this.listener = listener;
    }

    /** A session that is not registered yet. */
    public static CoordinatorClient start(ActorSystem<?> system, WorkerIdentity identity, WorkerListener listener) {
        CoordinatorClient client = new CoordinatorClient(listener);
        long id = ThreadLocalRandom.current().nextLong();
        CoordinatorSettings settings = CoordinatorSettings.of(system.settings().config());
        client.actor = system.systemActorOf(
                ClientActor.create(identity, id, settings, client),
                "kvstore-client-" + Long.toHexString(id),
                CoordinatorNode.DISPATCHER);
        return client;
    }

    /**
     * Starts a life as a member of the store: completes when all of its workers are there, or at once if they were.
     * Does nothing for one that is a member.
     *
     * @return fails with {@link Reason#INVALID_CONFIGURATION} if the store has all of its workers, or was opened for
     *     another number of them
     */
    public CompletionStage<Registration> register() {
        return call((core, now, answer) -> core.register(now).whenComplete(answer));
    }

    /** Completes when every live member has come to its barrier of this number; the n-th call is the n-th barrier. */
    public CompletionStage<Void> barrier() {
        return call((core, now, answer) -> core.barrier(now).whenComplete(answer));
    }

    /** Sets the configuration; completes when it is on every server. An equal one keeps its version. */
    public CompletionStage<Configuration> setConfiguration(String content) {
        return configure(content, -1);
    }

    /**
     * Sets the configuration if its version is {@code expectedVersion}.
     *
     * @return fails with {@link Reason#OUT_OF_ORDER} if it is another; the current one has been reported by then
     */
    public CompletionStage<Configuration> setConfiguration(String content, long expectedVersion) {
        if (expectedVersion < 0) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, "a configuration's version is not negative, given " + expectedVersion);
        }
        return configure(content, expectedVersion);
    }

    /**
     * Runs a command on every server, once.
     *
     * @param body at most {@link Limits#TEXT_BYTES} bytes
     * @return an outcome for each server, in the order of their addresses
     */
    public CompletionStage<List<CommandOutcome>> command(CommandKind kind, int head, String body) {
        checkText("a command's body", body);
        return call((core, now, answer) -> core.command(kind, head, body, now).whenComplete(answer));
    }

    /**
     * Counts dead nodes: workers that were silent for longer than the session timeout and have not come back, servers that
     * were lost, the coordinator if nobody takes its place.
     *
     * @param group 1 coordinator, 2 servers, 4 workers, or their sum
     */
    public CompletionStage<Integer> numDeadNodes(int group) {
        if (group < 1 || group > 7) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT,
                    "a group of nodes is 1 (coordinator), 2 (servers), 4 (workers) or their sum, given " + group);
        }
        return call((core, now, answer) -> core.countDead(group, now).whenComplete(answer));
    }

    /** Ends the life in good order: the others go on without this worker, which does not count as dead. */
    public CompletionStage<Void> leave() {
        return call((core, now, answer) -> core.leave(now).whenComplete(answer));
    }

    /** What the open calls wait for and who holds them up, for people; empty if nothing is. */
    public String waitingFor() {
        return waitingFor;
    }

    /** Ends the session without a word to the coordinator, and fails open calls with {@link Reason#CLOSED}. */
    @Override
    public void close() {
        actor.tell(ClientActor.Stop.INSTANCE);
    }

    WorkerListener listener() {
        return listener;
    }

    void waitingFor(String text) {
        waitingFor = text;
    }

    /** The actor is gone. */
    void stopped() {
        stopped = true;
        failOpen();
    }

    private CompletionStage<Configuration> configure(String content, long expected) {
        checkText("a configuration", content);
        return call(
                (core, now, answer) -> core.configure(content, expected, now).whenComplete(answer));
    }

    private static void checkText(String what, String text) {
        int bytes = Limits.utf8Bytes(text);
        if (bytes > Limits.TEXT_BYTES) {
            throw new KVStoreException(
                    Reason.INVALID_ARGUMENT, what + " has at most " + Limits.TEXT_BYTES + " bytes, given " + bytes);
        }
    }

    /** A call of the core, whose answer goes to {@code answer}. */
    private interface CoreCall<T> {
        void on(ClientCore core, long now, BiConsumer<T, Throwable> answer);
    }

    private <T> CompletionStage<T> call(CoreCall<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        open.add(result);
        actor.tell(new ClientActor.Call((core, now) -> call.on(core, now, (value, problem) -> {
            open.remove(result);
            if (problem == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(problem);
            }
        })));
        if (stopped) {
            failOpen(); // the actor did not see this call
        }
        return result;
    }

    private void failOpen() {
        for (CompletableFuture<?> each : open) {
            each.completeExceptionally(
                    new KVStoreException(Reason.CLOSED, "the session with the coordinator is closed"));
            open.remove(each);
        }
    }
}
