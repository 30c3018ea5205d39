package io.kvstore.actor;

import io.kvstore.Key;
import java.util.List;

/** The answers that only the sessions of a cluster's workers get; see {@link PartCommand}. */
public sealed interface PartReply extends KeyReply {

    /** The key has its value, whoever gave it. */
    record Published(Key key, long id, long generation, long version) implements PartReply {}

    /**
     * To the worker whose value the key shall have: send it. For a key of several slices, {@code generation} is the one
     * under which the slices are to be loaded and {@code seats} the members of its first round; the head has its own slice.
     *
     * @param generation 0 if the head itself has no value yet, and {@link PartCommand.Announce} must be sent with it
     */
    record Give(Key key, long id, long generation, List<Seat> seats) implements PartReply {}

    /** The round that is open at the part; it stays open until the worker has joined. */
    record Attached(Key key, long id, long openRound) implements PartReply {}

    /** What the key is. */
    record Described(Key key, long id, Layout layout, long generation, long version) implements PartReply {}

    /** The push is here and waits for its round, or for its turn. */
    record Held(Key key, long id) implements PartReply {}

    /** The push is not here, and was not decided. */
    record Unheld(Key key, long id) implements PartReply {}
}
