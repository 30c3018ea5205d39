package io.kvstore.cluster.status;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.Props;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.KVStoreException;
import io.kvstore.KVStoreTimeoutException;
import io.kvstore.Reason;
import io.kvstore.cluster.ServerAddress;
import io.kvstore.cluster.status.StatusMessage.Answer;
import io.kvstore.cluster.status.StatusMessage.Ask;
import io.kvstore.cluster.status.StatusMessage.Echo;
import io.kvstore.cluster.status.StatusMessage.Probe;
import java.time.Duration;
import java.util.Arrays;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Asks servers for their status, from an actor system that need not be a member of their cluster. */
public final class StatusClient {
    private final ActorSystem<?> system;

    /** @param system one with remoting, such as of {@link io.kvstore.cluster.ClusterConfig#client} */
    public StatusClient(ActorSystem<?> system) {
        this.system = system;
    }

    /** A server's status; fails with a {@link KVStoreTimeoutException} if none comes in time. */
    public CompletionStage<NodeStatus> ask(ServerAddress server, Duration timeout) {
        return call(server, timeout, Ask::new).thenApply(reply -> NodeStatus.fromJson(((Answer) reply).json()));
    }

    /**
     * Sends bytes to a server and has them sent back.
     *
     * @return when the same bytes are back; fails if others are, or with a {@link KVStoreTimeoutException}
     */
    public CompletionStage<Void> probe(ServerAddress server, byte[] bytes, Duration timeout) {
        return call(server, timeout, replyTo -> new Probe(bytes, replyTo)).thenAccept(reply -> {
            if (!Arrays.equals(((Echo) reply).bytes(), bytes)) {
                throw new KVStoreException(Reason.INTERNAL, server + " sent other bytes back than it was sent");
            }
        });
    }

    private CompletionStage<StatusMessage> call(
            ServerAddress server, Duration timeout, Function<ActorRef<StatusMessage>, StatusMessage> request) {
        ActorRef<StatusMessage> there = ActorRefResolver.get(system).resolveActorRef(server.uri() + StatusActor.PATH);
        CompletableFuture<StatusMessage> reply = new CompletableFuture<>();
        ActorRef<StatusMessage> here = system.systemActorOf(
                await(reply, timeout, server), StatusActor.NAME + "-" + UUID.randomUUID(), Props.empty());
        there.tell(request.apply(here));
        return reply;
    }

    private static Behavior<StatusMessage> await(
            CompletableFuture<StatusMessage> reply, Duration timeout, ServerAddress server) {
        Behavior<Object> waiting = Behaviors.withTimers(timers -> {
            timers.startSingleTimer(Expired.EXPIRED, timeout);
            return Behaviors.receive(Object.class)
                    .onMessageEquals(Expired.EXPIRED, () -> {
                        reply.completeExceptionally(new KVStoreTimeoutException(
                                null, "no answer from " + server + " within " + timeout.toMillis() + " ms"));
                        return Behaviors.stopped();
                    })
                    .onMessage(StatusMessage.class, message -> {
                        reply.complete(message);
                        return Behaviors.stopped();
                    })
                    .build();
        });
        return waiting.narrow();
    }

    private enum Expired {
        EXPIRED
    }
}
