package io.kvstore.cluster.session;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.Part;
import java.util.function.Supplier;

/** One part's share of an operation, from its first sending until it is answered for good. */
final class PartRequest<N> {
    final long id;
    final Part part;
    final Operation<N> operation;
    /** Makes the command to send, with data of its own each time. */
    final Supplier<KeyCommand> command;
    /** Makes the question what became of it; null for what is simply sent again. */
    final Supplier<KeyCommand> probe;
    /** The request of the operation that was sent before this one, or null. */
    PartRequest<N> before;

    /** The node it was last sent to, or null while its part's home is looked for. */
    N sentTo;
    /** Whether the data must go, not the question. */
    boolean withData = true;

    /** What the part said that it waits for, or null. */
    String waitingFor;

    int attempts;
    /** When it was last sent. */
    long sentAt;

    int refusals;
    /** When to do something if nothing has come by then. */
    long dueAt;
    /** Since when no server is known that answers for the part. */
    long unreachableSince;

    PartRequest(long id, Part part, Operation<N> operation, Supplier<KeyCommand> command, Supplier<KeyCommand> probe) {
        this.id = id;
        this.part = part;
        this.operation = operation;
        this.command = command;
        this.probe = probe;
    }

    KeyCommand next() {
        return withData || probe == null ? command.get() : probe.get();
    }
}
