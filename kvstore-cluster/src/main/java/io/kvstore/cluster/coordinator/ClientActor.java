package io.kvstore.cluster.coordinator;

import akka.actor.ActorSelection;
import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.ObjLongConsumer;

/** The shell of a worker's {@link ClientCore}. */
final class ClientActor extends AbstractBehavior<ClientActor.Command> {

    /** What a client takes. */
    interface Command {}

    /** A call of the session, with the time at which it is handled. */
    record Call(ObjLongConsumer<ClientCore> call) implements Command, NoSerializationVerificationNeeded {}

    enum Stop implements Command, NoSerializationVerificationNeeded {
        INSTANCE
    }

    private enum Tick implements Command, NoSerializationVerificationNeeded {
        INSTANCE
    }

    static Behavior<Command> create(
            WorkerIdentity identity, long client, CoordinatorSettings settings, CoordinatorClient facade) {
        Behavior<Command> actor = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Tick.INSTANCE, Duration.ofMillis(settings.tick()));
            return new ClientActor(context, identity, client, settings, facade);
        }));
        return Behaviors.supervise(actor).onFailure(SupervisorStrategy.resume());
    }

    private final CoordinatorClient facade;
    private final ClientCore core;
    private final Map<String, ActorSelection> doors = new HashMap<>();

    private ClientActor(
            ActorContext<Command> context,
            WorkerIdentity identity,
            long client,
            CoordinatorSettings settings,
            CoordinatorClient facade) {
        super(context);
        this.facade = facade;
        this.core = new ClientCore(identity, client, settings, facade.listener(), this::send, Clock.millis());
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(Call.class, this::onCall)
                .onMessage(WorkerReply.class, this::onReply)
                .onMessage(Tick.class, tick -> onTick())
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onSignal(PostStop.class, signal -> onStop())
                .build();
    }

    private Behavior<Command> onCall(Call call) {
        call.call().accept(core, Clock.millis());
        return this;
    }

    private Behavior<Command> onReply(WorkerReply reply) {
        core.onReply(reply, Clock.millis());
        return this;
    }

    private Behavior<Command> onTick() {
        long now = Clock.millis();
        core.tick(now);
        facade.waitingFor(core.waitingFor(now));
        return this;
    }

    private Behavior<Command> onStop() {
        core.close();
        facade.stopped();
        return this;
    }

    private void send(String server, WorkerRequest request) {
        ActorRef<WorkerReply> self = getContext().getSelf().narrow();
        doors.computeIfAbsent(server, address -> Remote.at(getContext().getSystem(), address, CoordinatorNode.DOOR))
                .tell(new CoordinatorActor.FromWorker(self, request), akka.actor.ActorRef.noSender());
    }
}
