package io.kvstore.cluster.coordinator;

import java.util.function.LongConsumer;

/** A process: it runs, stands still for a while, or is dead. */
final class SimNode {
    private final Simulation sim;
    private boolean alive = true;
    private long standsStillUntil;
    /** Whether other servers hear it, and it them. */
    boolean cutOff;

    SimNode(Simulation sim) {
        this.sim = sim;
    }

    boolean alive() {
        return alive;
    }

    void kill() {
        alive = false;
    }

    void standStill(long millis) {
        standsStillUntil = sim.time.now() + millis;
    }

    /** Runs {@code action} as soon as the process runs after {@code millis}; never if it is dead by then. */
    void in(long millis, Runnable action) {
        sim.time.in(millis, () -> {
            if (!alive) {
                return;
            }
            long still = standsStillUntil - sim.time.now();
            if (still > 0) {
                in(still, action);
            } else {
                action.run();
            }
        });
    }

    void every(long millis, LongConsumer action) {
        in(millis, () -> {
            action.accept(sim.time.now());
            every(millis, action);
        });
    }
}
