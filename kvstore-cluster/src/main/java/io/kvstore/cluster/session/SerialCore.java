package io.kvstore.cluster.session;

import io.kvstore.cluster.link.NodeId;
import io.kvstore.cluster.link.Serial;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * A session's logic behind the only door to it: any thread may bring work, one at a time does it, mostly the one that has
 * brought it. Nobody else holds the {@link SessionCore}.
 */
final class SerialCore {
    private final SessionCore<NodeId> core;
    private final Serial serial;

    /**
     * @param core nothing else runs it from now on
     * @param depart is run after all work that has come together: what it has sent leaves
     * @param others takes over from a thread that has done much
     */
    SerialCore(SessionCore<NodeId> core, Runnable depart, Executor others) {
        this.core = core;
        this.serial = new Serial(depart, others);
        core.tick(System.nanoTime());
    }

    void execute(SessionWork work) {
        execute(work, 0);
    }

    /** As {@link #execute(SessionWork)}. @param bytes count towards what {@link #together} holds back */
    void execute(SessionWork work, long bytes) {
        serial.execute(() -> work.on(core), bytes);
    }

    /** Runs {@code adds}, whose work is done in bursts; see {@link Serial#together}. */
    void together(Runnable adds) {
        serial.together(adds);
    }

    /** What this thread has held back is done now. */
    void depart() {
        serial.run();
    }

    /** Time has passed. */
    void tick() {
        execute(core -> core.tick(System.nanoTime()));
    }

    /** Completes when every push that is open now has arrived: was decided, or is held where it will be. */
    CompletionStage<Void> pushesArrived() {
        CompletableFuture<Void> arrived = new CompletableFuture<>();
        execute(core -> core.whenPushesArrived(() -> arrived.complete(null)));
        return arrived;
    }
}
