package io.kvstore.cluster.coordinator;

import java.util.concurrent.CompletionStage;

/**
 * Takes the coordinator's decisions on a server, for the keys that live there. Called on one thread at a time, on which
 * control messages are served: an implementation neither blocks nor throws.
 */
public interface StoreListener {

    /** Who the workers are. Epochs grow from call to call; some may be skipped. */
    void membersChanged(String store, Membership membership);

    /** What was agreed. A server sees every version from the first that it is told on, in order. */
    void configChanged(String store, Configuration configuration);

    /**
     * Runs a worker's command, once.
     *
     * @return its result, at most {@link Limits#TEXT_BYTES} bytes; a failure is reported to the worker
     */
    CompletionStage<String> runCommand(String store, CommandKind kind, int head, String body);
}
