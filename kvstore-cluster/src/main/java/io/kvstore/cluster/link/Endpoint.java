package io.kvstore.cluster.link;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.time.Duration;

/**
 * The actor at {@link Endpoints#PATH}: takes what comes by Artery, and lets time pass for its node's {@link EndpointCore}.
 *
 * <p>One {@link Drain} stands for all that comes before it in the mailbox, so that items and acknowledgements leave in bursts
 * without waiting for a clock.
 */
final class Endpoint extends AbstractBehavior<Object> {
    private static final Duration TICK = Duration.ofMillis(200);

    private enum Drain {
        INSTANCE
    }

    private enum Tick {
        INSTANCE
    }

    /**
     * @param serial whose tasks alone use the core
     * @param stopped called at the end
     */
    static Behavior<Object> create(Serial serial, EndpointCore core, Runnable stopped) {
        return Behaviors.supervise(Behaviors.<Object>setup(context -> Behaviors.withTimers(timers -> {
                    timers.startTimerWithFixedDelay(Tick.INSTANCE, TICK);
                    return new Endpoint(context, serial, core, stopped);
                })))
                .onFailure(SupervisorStrategy.resume());
    }

    private final Serial serial;
    private final EndpointCore core;
    private final Runnable stopped;
    private boolean draining;

    private Endpoint(ActorContext<Object> context, Serial serial, EndpointCore core, Runnable stopped) {
        super(context);
        this.serial = serial;
        this.core = core;
        this.stopped = stopped;
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
        serial.add(() -> core.receive(message));
        if (!draining) {
            draining = true;
            getContext().getSelf().tell(Drain.INSTANCE);
        }
        return this;
    }

    private Behavior<Object> onDrain() {
        draining = false;
        serial.run();
        return this;
    }

    private Behavior<Object> onTick() {
        serial.execute(core::tick);
        return this;
    }

    private Behavior<Object> onStop() {
        serial.execute(core::close);
        stopped.run();
        return this;
    }
}
