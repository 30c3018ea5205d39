package io.kvstore.actor;

import akka.actor.typed.ActorRef;
import io.kvstore.optimizer.StateForm;
import io.kvstore.tensor.Tensor;
import java.util.List;

/**
 * What only the sessions of a cluster's workers send: how a key comes into being over several machines, how a worker takes
 * its place in a key's rounds, and how it finds out what became of a request. Each may be repeated without harm.
 */
public sealed interface PartCommand extends KeyCommand {

    /**
     * A worker's init of a key, for the head: {@link PartReply.Published} once the key has its value, {@link
     * PartReply.Give} to the one worker whose value it shall be if it came without, or refused if the layout differs from
     * what others announced.
     *
     * @param value the head's slice of the value; null from a worker that only agrees
     * @param origin the worker, its incarnation and the number of its init; the generation is that of a life of the key that
     *     the worker knows to be lost or deleted, else 0
     * @param epoch the membership that the worker knows; a server that has not heard of it is busy
     */
    record Announce(Layout layout, Tensor value, Origin origin, long epoch, long id, ActorRef<KeyReply> replyTo)
            implements PartCommand {
        @Override
        public Announce answering(long id, ActorRef<KeyReply> replyTo) {
            return new Announce(layout, value, origin, epoch, id, replyTo);
        }

        @Override
        public void release() {
            if (value != null) {
                value.release();
            }
        }
    }

    /**
     * A slice's value, for a slice that is not the head: {@link KeyReply.Done}. Replaces what an earlier generation left.
     *
     * @param seats the members of the key's first round, as the head told them
     */
    record Load(Layout layout, Tensor value, long generation, List<Seat> seats, long id, ActorRef<KeyReply> replyTo)
            implements PartCommand {
        @Override
        public Load answering(long id, ActorRef<KeyReply> replyTo) {
            return new Load(layout, value, generation, seats, id, replyTo);
        }

        @Override
        public void release() {
            value.release();
        }
    }

    /** Says to the head that all slices of its new generation are loaded: {@link PartReply.Published}. */
    record Publish(long generation, long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public Publish answering(long id, ActorRef<KeyReply> replyTo) {
            return new Publish(generation, id, replyTo);
        }
    }

    /**
     * Asks for a place in the rounds of a part: {@link PartReply.Attached}. No round closes there until {@link Join}, or
     * until the worker is gone.
     */
    record Attach(Origin origin, long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public Attach answering(long id, ActorRef<KeyReply> replyTo) {
            return new Attach(origin, id, replyTo);
        }
    }

    /** Takes the place, from {@code firstRound} on, the highest round that any part of the key has open: {@link KeyReply.Done}. */
    record Join(Origin origin, long firstRound, long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public Join answering(long id, ActorRef<KeyReply> replyTo) {
            return new Join(origin, firstRound, id, replyTo);
        }
    }

    /** Asks the head what the key is: {@link PartReply.Described}, or refused if there is none. */
    record Describe(long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public Describe answering(long id, ActorRef<KeyReply> replyTo) {
            return new Describe(id, replyTo);
        }
    }

    /** Asks for the part's actor, for those who speak to it directly: {@link PartReply.Address}. */
    record AskAddress(long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public AskAddress answering(long id, ActorRef<KeyReply> replyTo) {
            return new AskAddress(id, replyTo);
        }
    }

    /**
     * Asks what became of a push, without its data: the push's own reply if it was decided; else {@link PartReply.Held},
     * and the reply when it is; or {@link PartReply.Unheld} if it must be sent again.
     */
    record Probe(Origin origin, boolean pull, long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public Probe answering(long id, ActorRef<KeyReply> replyTo) {
            return new Probe(origin, pull, id, replyTo);
        }
    }

    /** Lets go of one generation of a part, if it still has it: {@link KeyReply.Done} in any case. */
    record Forget(long generation, long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public Forget answering(long id, ActorRef<KeyReply> replyTo) {
            return new Forget(generation, id, replyTo);
        }
    }

    /**
     * Asks what became of a read, a {@link KeyCommand.Pull} and the like, that names the same {@code reading}: {@link
     * PartReply.Held} if it waits here, else {@link PartReply.Unheld}: it never came, or its answer is on its way.
     */
    record ProbeRead(Reading reading, long id, ActorRef<KeyReply> replyTo) implements PartCommand {
        @Override
        public ProbeRead answering(long id, ActorRef<KeyReply> replyTo) {
            return new ProbeRead(reading, id, replyTo);
        }
    }

    /**
     * Asks what the optimizer remembers of the part, once {@code reading} allows: one {@link PartReply.Gathered} for each
     * piece, all of one moment; or refused if no optimizer is in force.
     *
     * @param made whether a part that no update has reached answers with the states that its first would start from, and not
     *     with none
     * @param pieceBytes that one piece may have, at least 1; a piece has at least one element
     */
    record Gather(Reading reading, boolean made, int pieceBytes, long id, ActorRef<KeyReply> replyTo)
            implements PartCommand {
        @Override
        public Gather answering(long id, ActorRef<KeyReply> replyTo) {
            return new Gather(reading, made, pieceBytes, id, replyTo);
        }
    }

    /**
     * Brings a piece of one state, for a later {@link EndLoad}: {@link KeyReply.Done}, or refused if the optimizer in force
     * does not go on from such states. Changes nothing that others see.
     *
     * @param load the worker's number for its load; a piece of a later one takes the place of all before
     * @param updates that the states have seen; after none there are no states, and the piece is of no elements
     * @param state which one, from 0
     * @param from the piece's first element in the part
     * @param piece consecutive elements; null asks whether the piece is here, and is answered {@link PartReply.Unheld} if not
     */
    record Stage(
            Origin origin,
            long load,
            StateForm form,
            long updates,
            int state,
            int from,
            Tensor piece,
            long id,
            ActorRef<KeyReply> replyTo)
            implements PartCommand {
        @Override
        public Stage answering(long id, ActorRef<KeyReply> replyTo) {
            return new Stage(origin, load, form, updates, state, from, piece, id, replyTo);
        }

        @Override
        public void release() {
            if (piece != null) {
                piece.release();
            }
        }
    }

    /**
     * Ends a load: the optimizer goes on from the staged states, and the value stays; {@link KeyReply.Done}, or {@link
     * PartReply.Unheld} if they are not all here and were not taken up before.
     *
     * @param adopt false: what is staged is given up, {@link KeyReply.Done}
     */
    record EndLoad(Origin origin, long load, boolean adopt, long id, ActorRef<KeyReply> replyTo)
            implements PartCommand {
        @Override
        public EndLoad answering(long id, ActorRef<KeyReply> replyTo) {
            return new EndLoad(origin, load, adopt, id, replyTo);
        }
    }
}
