package io.kvstore.cluster.coordinator;

/**
 * What a coordinator asks of a server.
 *
 * @param from where the coordinator runs
 */
record ViewRequest(Ballot ballot, Server from, Order order) {

    sealed interface Order {}

    /** Hear nobody with a smaller ballot from now on, and tell what you have. */
    record Prepare() implements Order {}

    /** Keep {@code record}; if {@code effective}, a majority has it, and it is in force. */
    record Write(StoreRecord record, boolean effective) implements Order {}

    /** Run a worker's command, unless this is a repeat. The call is numbered as in {@link WorkerRequest}. */
    record Run(
            String store,
            String worker,
            long incarnation,
            long client,
            long call,
            CommandKind kind,
            int head,
            String body)
            implements Order {}
}
