package io.kvstore.actor;

import io.kvstore.Key;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.Dense;
import java.util.List;

/** The answers that only the sessions of a cluster's workers get; see {@link PartCommand}. */
public sealed interface PartReply extends KeyReply {

    /** The same answer to the request of that id. */
    PartReply to(long id);

    /** The key has its value, whoever gave it. */
    record Published(Key key, long id, long generation, long version) implements PartReply {
        @Override
        public Published to(long id) {
            return new Published(key, id, generation, version);
        }
    }

    /**
     * To the worker whose value the key shall have: send it. For a key of several slices, {@code generation} is the one
     * under which the slices are to be loaded and {@code seats} the members of its first round; the head has its own slice.
     *
     * @param generation 0 if the head itself has no value yet, and {@link PartCommand.Announce} must be sent with it
     */
    record Give(Key key, long id, long generation, List<Seat> seats) implements PartReply {
        @Override
        public Give to(long id) {
            return new Give(key, id, generation, seats);
        }
    }

    /** The first round of the part that the worker can take part in; it is not closed until the worker has joined. */
    record Attached(Key key, long id, long openRound) implements PartReply {
        @Override
        public Attached to(long id) {
            return new Attached(key, id, openRound);
        }
    }

    /** What the key is. */
    record Described(Key key, long id, Layout layout, long generation, long version) implements PartReply {
        @Override
        public Described to(long id) {
            return new Described(key, id, layout, generation, version);
        }
    }

    /** The part's actor, as {@link akka.actor.typed.ActorRefResolver} writes it. */
    record Address(Key key, long id, String actor) implements PartReply {
        @Override
        public Address to(long id) {
            return new Address(key, id, actor);
        }
    }

    /** The request is here, and {@code waitingFor} says in words for what it waits. */
    record Held(Key key, long id, String waitingFor) implements PartReply {
        @Override
        public Held to(long id) {
            return new Held(key, id, waitingFor);
        }

        @Override
        public boolean isLast() {
            return false;
        }
    }

    /** The request is not here, and was not decided. */
    record Unheld(Key key, long id) implements PartReply {
        @Override
        public Unheld to(long id) {
            return new Unheld(key, id);
        }
    }

    /**
     * A piece of what the optimizer remembers of the part; a lease, to be released as that of a value.
     *
     * @param version of the part at that moment
     * @param updates that the states have seen
     * @param number tells the moment from others
     * @param state which of the form's states, from 0
     * @param from the piece's first element in the part
     * @param piece consecutive elements, or null: there are no states, as there was no update
     * @param isLast whether no other piece of that moment follows
     */
    record Gathered(
            Key key,
            long id,
            StateForm form,
            long version,
            long updates,
            long number,
            int state,
            int from,
            Dense piece,
            boolean isLast)
            implements PartReply {
        @Override
        public Gathered to(long id) {
            return new Gathered(key, id, form, version, updates, number, state, from, piece, isLast);
        }

        @Override
        public void release() {
            if (piece != null) {
                piece.release();
            }
        }
    }
}
