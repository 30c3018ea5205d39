package io.kvstore.cluster.session;

import io.kvstore.cluster.coordinator.Closed;
import io.kvstore.cluster.coordinator.CoordinatorClient;
import io.kvstore.cluster.coordinator.Member;
import io.kvstore.cluster.coordinator.Membership;
import io.kvstore.cluster.coordinator.Registration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A worker's present life in its store, from one registration to the next, and the membership it knows: tells the session's
 * logic who it is. Any thread may use it.
 */
final class WorkerLife {
    private static final Logger log = LoggerFactory.getLogger(WorkerLife.class);

    private final CoordinatorClient coordinator;
    private final SerialCore core;
    private final Ending ending;
    private volatile Registration registration;
    private volatile Membership membership;

    WorkerLife(CoordinatorClient coordinator, SerialCore core, Ending ending) {
        this.coordinator = coordinator;
        this.core = core;
        this.ending = ending;
    }

    /** Once it was registered. */
    int rank() {
        return registration.rank();
    }

    /** A new life: its membership is the latest, even if its epoch is lower, as it is in a cluster that began anew. */
    void registered(Registration mine) {
        registration = mine;
        membership = mine.membership();
        tellCore();
    }

    void membersChanged(Membership next) {
        Membership before = membership;
        if (before == null || next.epoch() >= before.epoch()) {
            membership = next;
            tellCore();
        }
    }

    private void tellCore() {
        Registration mine = registration;
        if (mine == null || membership.standing(mine.name(), mine.incarnation()) != Membership.Standing.LIVE) {
            return;
        }
        List<Member> live = membership.live();
        boolean gives = !live.isEmpty() && live.get(0).name().equals(mine.name());
        Self self = new Self(mine.name(), mine.incarnation(), membership.epoch(), gives);
        core.execute(logic -> logic.registered(self));
    }

    /** A server refused this life: registers again. */
    void fenced(long incarnation) {
        Registration mine = registration;
        if (!ending.hasCome() && mine != null && mine.incarnation() == incarnation) {
            coordinator.register().whenComplete((next, problem) -> {
                if (problem == null) {
                    log.info("registered again as worker '{}', incarnation {}", next.name(), next.incarnation());
                    registered(next);
                } else {
                    ending.because("it could not register again: " + problem.getMessage());
                }
            });
        }
    }

    /** The coordinator says that a life is over. */
    void closed(long incarnation, Closed why) {
        if (why == Closed.REPLACED) {
            ending.because("another process has registered under this worker's name");
        } else if (why != Closed.LEFT && !ending.hasCome()) {
            core.execute(logic -> logic.closed(incarnation, "the coordinator has closed it (" + why + ")"));
        }
    }
}
