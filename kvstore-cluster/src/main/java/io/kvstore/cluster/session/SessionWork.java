package io.kvstore.cluster.session;

import io.kvstore.cluster.link.NodeId;

/** Something for a session's logic to do, on whatever thread runs it. */
interface SessionWork {
    void on(SessionCore<NodeId> core);
}
