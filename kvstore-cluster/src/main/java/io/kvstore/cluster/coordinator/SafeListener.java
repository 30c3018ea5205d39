package io.kvstore.cluster.coordinator;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a listener's faults from the view, whose knowledge must not be lost. */
final class SafeListener implements StoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

    private final StoreListener listener;

    SafeListener(StoreListener listener) {
        this.listener = listener;
    }

    @Override
    public void membersChanged(String store, Membership membership) {
        try {
            listener.membersChanged(store, membership);
        } catch (RuntimeException e) {
            LOG.error("store '{}': the listener failed at {}", store, membership, e);
        }
    }

    @Override
    public void configChanged(String store, Configuration configuration) {
        try {
            listener.configChanged(store, configuration);
        } catch (RuntimeException e) {
            LOG.error("store '{}': the listener failed at configuration {}", store, configuration.version(), e);
        }
    }

    @Override
    public CompletionStage<String> runCommand(String store, CommandKind kind, int head, String body) {
        try {
            return listener.runCommand(store, kind, head, body);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }
}
