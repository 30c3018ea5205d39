package io.kvstore.cluster.session;

/** Something for a session's logic to do, on whatever thread runs it. */
interface SessionWork {
    void on(SessionCore<?> core);
}
