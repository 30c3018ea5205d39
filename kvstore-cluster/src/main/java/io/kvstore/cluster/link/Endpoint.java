package io.kvstore.cluster.link;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.time.Duration;
import java.util.Queue;

/**
 * The actor at {@link Endpoints#PATH}: the one thread of its node's {@link EndpointCore}.
 *
 * <p>Whatever other threads want of the core waits in {@code tasks}. One {@link Drain} stands for all of it, and for the
 * frames that come in meanwhile, so that items and acknowledgements leave in bursts without waiting for a clock.
 */
final class Endpoint extends AbstractBehavior<Object> {
    private static final Duration TICK = Duration.ofMillis(200);

    /** There may be tasks, or something to send. */
    enum Drain {
        INSTANCE
    }

    private enum Tick {
        INSTANCE
    }

    static Behavior<Object> create(Endpoints node, EndpointCore core, Queue<Runnable> tasks) {
        return Behaviors.supervise(Behaviors.<Object>setup(context -> Behaviors.withTimers(timers -> {
                    timers.startTimerWithFixedDelay(Tick.INSTANCE, TICK);
                    return new Endpoint(context, node, core, tasks);
                })))
                .onFailure(SupervisorStrategy.resume());
    }

    private final Endpoints node;
    private final EndpointCore core;
    private final Queue<Runnable> tasks;

    private Endpoint(ActorContext<Object> context, Endpoints node, EndpointCore core, Queue<Runnable> tasks) {
        super(context);
        this.node = node;
        this.core = core;
        this.tasks = tasks;
    }

    @Override
    public Receive<Object> createReceive() {
        return newReceiveBuilder()
                .onMessage(LinkMessage.class, this::onLinkMessage)
                .onMessageEquals(Drain.INSTANCE, this::onDrain)
                .onMessageEquals(Tick.INSTANCE, this::onTick)
                .onSignal(PostStop.class, signal -> onStop())
                .build();
    }

    private Behavior<Object> onLinkMessage(LinkMessage message) {
        core.receive(message);
        node.wake();
        return this;
    }

    private Behavior<Object> onDrain() {
        node.awake();
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        core.flush();
        return this;
    }

    private Behavior<Object> onTick() {
        core.tick();
        return this;
    }

    private Behavior<Object> onStop() {
        core.close();
        return this;
    }
}
