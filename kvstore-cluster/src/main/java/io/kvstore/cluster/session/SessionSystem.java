package io.kvstore.cluster.session;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Adapter;
import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.StoreThread;
import io.kvstore.session.Times;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The actor system in which a session lives, its own or as a guest: lends it threads, and lets time pass for it. */
final class SessionSystem {
    private static final Logger log = LoggerFactory.getLogger(SessionSystem.class);

    private final ActorSystem<?> system;
    private final boolean owned;
    private final Executor callbacks;
    private ActorRef<SessionActor.Tick> actor;

    /** @param owned whether the system ends with the session */
    SessionSystem(ActorSystem<?> system, boolean owned) {
        this.system = system;
        this.owned = owned;
        this.callbacks = callbacks(system);
    }

    private static Executor callbacks(ActorSystem<?> system) {
        Executor dispatcher = system.dispatchers().lookup(DispatcherSelector.fromConfig("kvstore.callback-dispatcher"));
        return task -> {
            try {
                dispatcher.execute(() -> StoreThread.run(task));
            } catch (RejectedExecutionException e) {
                task.run(); // the system has ended; the stage must end as well
            }
        };
    }

    /** Completes the stages of asynchronous calls. */
    Executor callbacks() {
        return callbacks;
    }

    /** Takes over work from a caller's thread that has done much of others'. */
    Executor threads() {
        return system.executionContext();
    }

    /**
     * Begins to let time pass; once.
     *
     * @param tick is run again and again
     * @param stopped is run when the system ends, or this does
     */
    void start(Runnable tick, Runnable stopped) {
        actor = system.systemActorOf(
                SessionActor.create(tick, stopped),
                "kvstore-session-" + UUID.randomUUID(),
                DispatcherSelector.fromConfig("kvstore.dispatcher"));
    }

    /** A key's actor on a server. @param address as the server writes it */
    ActorRef<KeyCommand> actorAt(String address) {
        return ActorRefResolver.get(system).resolveActorRef(address);
    }

    /** The session has ended, and the system with it if that is owned. @param limit how long its end is waited for */
    void end(Duration limit) {
        if (!owned) {
            Adapter.toClassic(system).stop(Adapter.toClassic(actor));
            return;
        }
        system.terminate();
        try {
            system.getWhenTerminated().toCompletableFuture().get(limit.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            log.warn("the actor system did not end within {} (kvstore.close-timeout)", Times.text(limit));
        }
    }
}
