package io.kvstore.cluster.link;

import io.kvstore.Reason;
import java.util.Arrays;
import java.util.List;

/** What endpoints tell each other; the bytes are {@link LinkCodec}'s. */
public sealed interface LinkMessage {

    NodeId from();

    /** For whom it is; a node with another uid is not meant. */
    NodeId to();

    /**
     * Items, at most {@link LinkSettings#frameBytes} in all.
     *
     * @param number counts the frames between the two, from 1
     * @param lease until when the items may be read; null for ever, as on the side that receives them
     */
    record Frame(NodeId from, NodeId to, long number, List<Item> items, Lease lease) implements LinkMessage {
        Frame(NodeId from, NodeId to, long number, List<Item> items) {
            this(from, to, number, items, null);
        }
    }

    /** The contents of these frames have been handed to their receivers: their bytes have room again. */
    record Received(NodeId from, NodeId to, long[] numbers) implements LinkMessage {
        @Override
        public boolean equals(Object other) {
            return other instanceof Received that
                    && from.equals(that.from)
                    && to.equals(that.to)
                    && Arrays.equals(numbers, that.numbers);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(numbers);
        }

        @Override
        public String toString() {
            return "Received[from=" + from + ", to=" + to + ", numbers=" + Arrays.toString(numbers) + "]";
        }
    }

    /** Asks for a {@link Pong} with the same number. */
    record Ping(NodeId from, NodeId to, long number) implements LinkMessage {}

    record Pong(NodeId from, NodeId to, long number) implements LinkMessage {}

    /**
     * Says that {@code node} lives no more. It is {@code from} itself, which leaves, or the receiver sent it something, and
     * {@code from} listens there now.
     */
    record Gone(NodeId from, NodeId to, NodeId node) implements LinkMessage {}

    /**
     * The first message to a server: {@link Welcome} or {@link Unwelcome}.
     *
     * @param version of the wire format
     * @param settings those that must be equal everywhere, in a form for comparison and for people
     */
    record Hello(NodeId from, NodeId to, int version, String settings) implements LinkMessage {}

    /** The servers of the cluster. */
    record Welcome(NodeId from, NodeId to, List<NodeId> servers) implements LinkMessage {}

    /** Why the sender of a {@link Hello} cannot use this node; after {@link Reason#BUSY} it may ask again. */
    record Unwelcome(NodeId from, NodeId to, Reason reason, String message) implements LinkMessage {}
}
