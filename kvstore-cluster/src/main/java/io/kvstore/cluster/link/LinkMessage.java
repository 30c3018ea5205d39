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
        /** A frame whose items may be read for ever. */
        public Frame(NodeId from, NodeId to, long number, List<Item> items) {
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

    /** How two nodes of one machine agree on a {@linkplain Roads faster road} than Artery's. */
    sealed interface OfRoads extends LinkMessage {}

    /**
     * Asks a server for a road through memory: {@link RoadOffered} or {@link RoadRefused}.
     *
     * @param host the machine that the sender is on, as {@link Machine#identity} names it
     */
    record RoadWanted(NodeId from, NodeId to, String host) implements OfRoads {}

    /**
     * A media driver that the receiver may use.
     *
     * @param directory of the driver, on the machine that both are on
     * @param stream the number of the stream to the sender; the one back is the next number
     * @param token the first message on both streams has to show it
     */
    record RoadOffered(NodeId from, NodeId to, String directory, int stream, Token token) implements OfRoads {}

    /** There is no such road between the two; asking again makes sense after a minute. */
    record RoadRefused(NodeId from, NodeId to, String why) implements OfRoads {}

    /** The first message on a stream: from here on its sender uses it. */
    record RoadTaken(NodeId from, NodeId to, Token token) implements OfRoads {}
}
