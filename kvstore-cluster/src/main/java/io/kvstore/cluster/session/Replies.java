package io.kvstore.cluster.session;

import io.kvstore.actor.KeyReply;

/** What to do with an answer that nobody waits for. */
final class Replies {
    private Replies() {}

    /** Gives back the memory that the answer holds. */
    static void release(KeyReply reply) {
        if (reply instanceof KeyReply.Value value) {
            value.value().release();
        }
    }
}
