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
import akka.cluster.ClusterEvent.MemberEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The shell of the {@link CoordinatorCore}: one in the cluster, on the oldest server. */
final class CoordinatorActor extends AbstractBehavior<CoordinatorActor.Command> {

    /** What the coordinator takes. */
    interface Command {}

    /** A worker's request, and where to answer it. */
    record FromWorker(ActorRef<WorkerReply> worker, WorkerRequest request) implements Command, CoordinatorMessage {}

    /** Ends the coordinator, as another node takes over. */
    enum Stop implements Command, NoSerializationVerificationNeeded {
        INSTANCE
    }

    private enum Tick implements Command, NoSerializationVerificationNeeded {
        INSTANCE
    }

    private record ClusterChanged(MemberEvent event) implements Command, NoSerializationVerificationNeeded {}

    static Behavior<Command> create(CoordinatorSettings settings, CoordinatorNode node) {
        Behavior<Command> coordinator = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Tick.INSTANCE, Duration.ofMillis(settings.tick()));
            return new CoordinatorActor(context, settings, node);
        }));
        return Behaviors.supervise(coordinator).onFailure(SupervisorStrategy.restart());
    }

    private final CoordinatorCore<ActorRef<WorkerReply>> core;
    private final ServerWatch servers = new ServerWatch();
    private final Map<String, ActorSelection> views = new HashMap<>();
    private final CoordinatorNode node;
    private final long reportEvery;
    private long reported;
    private boolean led;

    private CoordinatorActor(ActorContext<Command> context, CoordinatorSettings settings, CoordinatorNode node) {
        super(context);
        this.node = node;
        this.reportEvery = settings.heartbeatInterval();
        this.reported = Clock.millis();
        long owner = ThreadLocalRandom.current().nextLong();
        core = new CoordinatorCore<>(
                ServerWatch.self(context.getSystem()),
                owner,
                System.currentTimeMillis(),
                settings,
                new Messages(),
                Clock.millis());
        ServerWatch.subscribe(context, ClusterChanged::new);
    }

    @Override
    public Receive<Command> createReceive() {
        return newReceiveBuilder()
                .onMessage(FromWorker.class, this::onWorker)
                .onMessage(ViewReply.class, this::onView)
                .onMessage(Tick.class, tick -> onTick())
                .onMessage(ClusterChanged.class, this::onCluster)
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onSignal(PostStop.class, signal -> onStop())
                .build();
    }

    private Behavior<Command> onWorker(FromWorker message) {
        core.onRequest(message.worker(), message.request(), Clock.millis());
        return this;
    }

    private Behavior<Command> onView(ViewReply reply) {
        core.onReply(reply, Clock.millis());
        return this;
    }

    private Behavior<Command> onTick() {
        long now = Clock.millis();
        core.tick(now);
        if (now - reported >= reportEvery) {
            reported = now;
            node.waits(core.waits(now));
        }
        if (core.leads() != led) {
            led = core.leads();
            getContext().getLog().info(led ? "this node coordinates the workers" : "another coordinator is ahead");
        }
        return this;
    }

    private Behavior<Command> onStop() {
        node.waits(Map.of());
        return this;
    }

    private Behavior<Command> onCluster(ClusterChanged changed) {
        String lost = servers.follow(changed.event());
        core.serversChanged(servers.servers(), lost == null ? List.of() : List.of(lost), Clock.millis());
        return this;
    }

    private final class Messages implements CoordinatorCore.Effects<ActorRef<WorkerReply>> {
        @Override
        public void toWorker(ActorRef<WorkerReply> worker, WorkerReply reply) {
            worker.tell(reply);
        }

        @Override
        public void toServer(Server server, ViewRequest request) {
            views.computeIfAbsent(
                            server.address(),
                            address -> Remote.at(getContext().getSystem(), address, MembershipView.PATH))
                    .tell(
                            new MembershipView.FromCoordinator(getContext().getSelf(), request),
                            akka.actor.ActorRef.noSender());
        }
    }
}
