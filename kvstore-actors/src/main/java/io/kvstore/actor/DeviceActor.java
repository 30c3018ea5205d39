package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import io.kvstore.profile.Profile;

/**
 * The sole user of one device, on a thread of its own: carries out the commits of the keys that live there, in the order
 * of their arrival, and tells each key the outcome.
 */
final class DeviceActor extends AbstractBehavior<DeviceActor.CarryOut> {

    /** Asks for one commit; {@code replyTo} is told {@link KeyEvent.Committed} or {@link KeyEvent.CommitFailed}. */
    record CarryOut(Commit commit, ActorRef<? super KeyEvent> replyTo) {}

    static Behavior<CarryOut> create(Device device, Profile profile) {
        return Behaviors.setup(context -> new DeviceActor(context, device, profile));
    }

    private final Device device;
    private final Profile profile;

    private DeviceActor(ActorContext<CarryOut> context, Device device, Profile profile) {
        super(context);
        this.device = device;
        this.profile = profile;
    }

    @Override
    public Receive<CarryOut> createReceive() {
        return newReceiveBuilder()
                .onMessage(CarryOut.class, this::onCarryOut)
                .onSignal(PostStop.class, signal -> onStop())
                .build();
    }

    private Behavior<CarryOut> onCarryOut(CarryOut message) {
        message.replyTo().tell(CommitRun.run(profile, device::carryOut, message.commit()));
        return this;
    }

    private Behavior<CarryOut> onStop() {
        device.close();
        return this;
    }
}
