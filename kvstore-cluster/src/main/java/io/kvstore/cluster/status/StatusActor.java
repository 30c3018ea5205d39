package io.kvstore.cluster.status;

import akka.actor.typed.Behavior;
import akka.actor.typed.javadsl.ActorContext;
import akka.actor.typed.javadsl.Behaviors;
import io.kvstore.cluster.status.StatusMessage.Answer;
import io.kvstore.cluster.status.StatusMessage.Ask;
import io.kvstore.cluster.status.StatusMessage.Echo;
import io.kvstore.cluster.status.StatusMessage.Probe;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;

/** Answers who asks a server for its status; lives at {@value #PATH} on each. */
public final class StatusActor {

    /** Its path; listed in the large-message-destinations of servers and of who asks them. */
    public static final String PATH = "/system/" + StatusActor.NAME;

    /** Its name among the actors of the system. */
    public static final String NAME = "kvstore-status";

    private StatusActor() {}

    /** @param status tells the node's status, and may take its time */
    public static Behavior<StatusMessage> create(Supplier<CompletionStage<NodeStatus>> status) {
        return Behaviors.setup(context -> Behaviors.receive(StatusMessage.class)
                .onMessage(Ask.class, ask -> answer(context, ask, status))
                .onMessage(Probe.class, probe -> {
                    probe.replyTo().tell(new Echo(probe.bytes()));
                    return Behaviors.same();
                })
                .build());
    }

    private static Behavior<StatusMessage> answer(
            ActorContext<StatusMessage> context, Ask ask, Supplier<CompletionStage<NodeStatus>> status) {
        Logger log = context.getSystem().log(); // what follows runs on another thread
        status.get().whenComplete((told, failure) -> {
            if (failure == null) {
                ask.replyTo().tell(new Answer(told.toJson()));
            } else {
                log.error("the status of this node could not be told", failure);
            }
        });
        return Behaviors.same();
    }
}
