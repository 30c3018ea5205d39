package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import java.util.function.Consumer;

/**
 * The sole user of one device, on a thread of its own: begins the commits and errands of the keys that live there, in the
 * order of their arrival, and has each key told the outcome. It never waits for the device.
 */
final class DeviceActor extends AbstractBehavior<DeviceActor.Command> {

    /** What a device actor accepts. */
    sealed interface Command {}

    /** Asks for one commit; {@code replyTo} is told {@link KeyEvent.Committed} or {@link KeyEvent.CommitFailed}. */
    record CarryOut(Commit commit, ActorRef<? super KeyEvent> replyTo) implements Command {}

    /** Asks for one errand; {@code replyTo} is told {@link KeyEvent.ErrandDone} or {@link KeyEvent.ErrandFailed}. */
    record Run(Errand errand, ActorRef<? super KeyEvent> replyTo) implements Command {}

    /** The device goes on with something that it has begun. */
    record GoOn(Runnable work) implements Command {}

    static Behavior<Command> create(Device device) {
        Behavior<Command> behavior = Behaviors.setup(context -> new DeviceActor(context, device));
        return Behaviors.supervise(behavior).onFailure(SupervisorStrategy.resume()); // the other keys go on
    }

    private final Device device;

    private DeviceActor(ActorContext<Command> context, Device device) {
        super(context);
        this.device = device;
        ActorRef<Command> self = context.getSelf();
        device.runOn(work -> self.tell(new GoOn(work)));
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(CarryOut.class, this::onCarryOut)
                .onMessage(Run.class, this::onRun)
                .onMessage(GoOn.class, this::onGoOn)
                .build();
    }

    private Behavior<Command> onCarryOut(CarryOut message) {
        device.begin(message.commit(), to(message.replyTo()));
        return this;
    }

    private Behavior<Command> onRun(Run message) {
        device.begin(message.errand(), to(message.replyTo()));
        return this;
    }

    private Behavior<Command> onGoOn(GoOn message) {
        message.work().run();
        return this;
    }

    private static Consumer<KeyEvent> to(ActorRef<? super KeyEvent> key) {
        return key::tell;
    }
}
