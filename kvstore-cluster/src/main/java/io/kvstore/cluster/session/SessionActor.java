package io.kvstore.cluster.session;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.Behaviors;
import java.time.Duration;

/** Lets time pass for a session, and notices the end of its actor system. */
final class SessionActor {

    /** Some time has passed. */
    enum Tick {
        INSTANCE
    }

    private static final Duration TICK = Duration.ofMillis(50);

    private SessionActor() {}

    /**
     * @param tick is run again and again
     * @param stopped is run when the actor has stopped
     */
    static Behavior<Tick> create(Runnable tick, Runnable stopped) {
        return Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Tick.INSTANCE, TICK);
            return Behaviors.receive(Tick.class)
                    .onMessage(Tick.class, message -> {
                        tick.run();
                        return Behaviors.same();
                    })
                    .onSignal(PostStop.class, signal -> {
                        stopped.run();
                        return Behaviors.same();
                    })
                    .build();
        });
    }
}
