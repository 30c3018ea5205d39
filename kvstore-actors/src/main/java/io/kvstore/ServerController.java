package io.kvstore;

import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;

/**
 * A user's code that runs where keys live when a worker sends a command; given to {@link KVStoreBuilder#controller} or
 * found through {@link ServiceLoader}. (MXNet: the controller of KVStore::RunServer.)
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

    /**
     * The one that {@code META-INF/services} on the class path names, if there is one.
     *
     * @throws KVStoreException if its class cannot be loaded
     */
    static Optional<ServerController> registered() {
        try {
            return ServiceLoader.load(ServerController.class).findFirst();
        } catch (ServiceConfigurationError e) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION, null, "the registered controller is unusable: " + e.getMessage(), e);
        }
    }
}
