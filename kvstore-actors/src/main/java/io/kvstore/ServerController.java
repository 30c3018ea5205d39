package io.kvstore;

/**
 * A user's code that runs where keys live when a worker sends a command; given to {@link KVStoreBuilder#controller} or
 * found through {@link java.util.ServiceLoader}. (MXNet: the controller of KVStore::RunServer.)
 */
@FunctionalInterface
public interface ServerController {

    /**
     * Handles one command. Runs on one of the store's threads, where blocking calls on the store are refused; what it
     * throws is thrown by the call that sent the command.
     *
     * @param head the sender's number for the kind of command; any value
     * @param body the sender's text
     */
    void onCommand(int head, String body);
}
