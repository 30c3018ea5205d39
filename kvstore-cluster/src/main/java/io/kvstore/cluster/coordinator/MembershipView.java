package io.kvstore.cluster.coordinator;

import akka.actor.NoSerializationVerificationNeeded;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.SupervisorStrategy;
import akka.actor.typed.javadsl.AbstractBehavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.javadsl.Receive;
import akka.cluster.ClusterEvent.MemberEvent;
import java.util.List;
import java.util.concurrent.CompletionException;

/** The shell of a server's {@link ViewCore}, at one path on every server. */
final class MembershipView extends AbstractBehavior<MembershipView.Command> {
    static final String NAME = "kvstore-membership";
    static final String PATH = "/system/" + NAME;

    /** What a view takes. */
    interface Command {}

    /** A coordinator's request, and where to answer it. */
    record FromCoordinator(ActorRef<CoordinatorActor.Command> coordinator, ViewRequest request)
            implements Command, CoordinatorMessage {}

    private record CommandRan(ViewRequest.Run run, CommandOutcome outcome)
            implements Command, NoSerializationVerificationNeeded {}

    private record ClusterChanged(MemberEvent event) implements Command, NoSerializationVerificationNeeded {}

    /** What a view knows outlives a fault in it. */
    static Behavior<Command> create(StoreListener listener) {
        return Behaviors.supervise(Behaviors.<Command>setup(context -> new MembershipView(context, listener)))
                .onFailure(SupervisorStrategy.resume());
    }

    private final Server self;
    private final StoreListener listener;
    private final ServerWatch servers = new ServerWatch();
    private final ViewCore<ActorRef<CoordinatorActor.Command>> core;

    private MembershipView(ActorContext<Command> context, StoreListener listener) {
        super(context);
        this.self = ServerWatch.self(context.getSystem());
        this.listener = listener;
        this.core = new ViewCore<>(self, listener, new Messages());
        ServerWatch.subscribe(context, ClusterChanged::new);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(FromCoordinator.class, this::onRequest)
                .onMessage(CommandRan.class, this::onRan)
                .onMessage(ClusterChanged.class, this::onCluster)
                .build();
    }

    private Behavior<Command> onRequest(FromCoordinator message) {
        core.onRequest(message.coordinator(), message.request());
        return this;
    }

    private Behavior<Command> onRan(CommandRan ran) {
        core.ran(ran.run(), ran.outcome());
        return this;
    }

    private Behavior<Command> onCluster(ClusterChanged changed) {
        String lost = servers.follow(changed.event());
        core.serversChanged(servers.servers(), lost == null ? List.of() : List.of(lost));
        return this;
    }

    private final class Messages implements ViewCore.Effects<ActorRef<CoordinatorActor.Command>> {
        @Override
        public void reply(ActorRef<CoordinatorActor.Command> coordinator, ViewReply reply) {
            coordinator.tell(reply);
        }

        @Override
        public void run(ViewRequest.Run command) {
            ActorRef<Command> view = getContext().getSelf();
            listener.runCommand(command.store(), command.kind(), command.head(), command.body())
                    .whenComplete((result, problem) ->
                            view.tell(new CommandRan(command, outcome(self.address(), result, problem))));
        }
    }

    private static CommandOutcome outcome(String server, String result, Throwable problem) {
        if (problem != null) {
            Throwable cause = problem instanceof CompletionException ? problem.getCause() : problem;
            return new CommandOutcome(
                    server, "", Limits.line(cause.getMessage() == null ? cause.toString() : cause.getMessage()));
        }
        int bytes = Limits.utf8Bytes(result);
        if (bytes > Limits.TEXT_BYTES) {
            return new CommandOutcome(
                    server, "", "the result has " + bytes + " bytes, at most " + Limits.TEXT_BYTES + " can be sent");
        }
        return new CommandOutcome(server, result, "");
    }
}
