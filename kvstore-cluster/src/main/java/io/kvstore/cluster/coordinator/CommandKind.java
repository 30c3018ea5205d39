package io.kvstore.cluster.coordinator;

/** Who on a server handles a command. */
public enum CommandKind {
    /** The user's {@link io.kvstore.ServerController}. */
    CONTROLLER,
    /** The server's profiler. */
    PROFILER,
    /** The server itself: which keys live there. */
    KEYS
}
