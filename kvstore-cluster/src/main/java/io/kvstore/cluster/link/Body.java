package io.kvstore.cluster.link;

import io.kvstore.actor.KeyCommand;
import io.kvstore.actor.KeyReply;

/** What an {@link Item} says. */
public sealed interface Body {

    /** Whether this asks, so that the other side has to answer. */
    default boolean asks() {
        return false;
    }

    /** Releases the tensors that this carries, which nobody will use any more. */
    default void release() {}

    /**
     * A command to the part. It comes out of the network with id 0 and without {@code replyTo}; its receiver calls {@link
     * KeyCommand#answering}. Its tensors are from the receiving node's pool, for the key to release.
     */
    record Request(KeyCommand command) implements Body {
        @Override
        public boolean asks() {
            return true;
        }

        @Override
        public void release() {
            command.release();
        }
    }

    /**
     * The part's answer. On the network it has neither key nor id: it comes out with the item's key and call.
     */
    record Answer(KeyReply reply) implements Body {
        @Override
        public void release() {
            reply.release();
        }
    }

    /** Asks the cluster where the part lives: {@link Located}. */
    record Locate() implements Body {
        @Override
        public boolean asks() {
            return true;
        }
    }

    /** The node on which the part lives. */
    record Located(NodeId node) implements Body {}

    /** The answer of a node on which the part does not live. */
    record NotHere() implements Body {}

    /**
     * An item that came with a body nobody can read: of an unknown kind, or with fields that contradict each other. The
     * endpoint refuses it; no receiver sees it.
     */
    record Unreadable(boolean asks, String why) implements Body {}
}
