package io.kvstore.cluster.session;

import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.Behaviors;
import java.time.Duration;

/**
 * The one thread at a time that a session's logic runs on: what it is told is a piece of work for the {@link SessionCore},
 * and between them time passes.
 */
final class SessionActor {

    /** Work for the core. */
    interface Work {
        void on(SessionCore<?> core);
    }

    private static final Duration TICK = Duration.ofMillis(50);
    private static final Work TIME_PASSES = core -> core.tick(System.nanoTime());

    private SessionActor() {}

    /** @param stopped is run when the actor has stopped */
    static Behavior<Work> create(SessionCore<?> core, Runnable stopped) {
        return Behaviors.withTimers(timers -> {
            core.tick(System.nanoTime());
            timers.startTimerWithFixedDelay(TIME_PASSES, TICK);
            return Behaviors.receive(Work.class)
                    .onMessage(Work.class, work -> {
                        work.on(core);
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
