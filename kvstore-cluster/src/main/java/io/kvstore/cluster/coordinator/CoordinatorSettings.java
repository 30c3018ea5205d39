package io.kvstore.cluster.coordinator;

import com.typesafe.config.Config;
import io.kvstore.KVStoreException;
import io.kvstore.Reason;

/**
 * The times that sessions rest on, in milliseconds.
 *
 * @param sessionTimeout silence after which a worker is dead
 * @param heartbeatInterval from one sign of life to the next
 * @param resendAfter after which an unanswered message is sent again
 */
public record CoordinatorSettings(long sessionTimeout, long heartbeatInterval, long resendAfter) {
    public CoordinatorSettings {
        if (resendAfter < 1 || heartbeatInterval < 1 || sessionTimeout < 3 * Math.max(heartbeatInterval, resendAfter)) {
            throw new KVStoreException(
                    Reason.INVALID_CONFIGURATION,
                    "kvstore.session-timeout must be at least three times kvstore.heartbeat-interval and kvstore.coordinator.resend-after, given "
                            + sessionTimeout + " ms, " + heartbeatInterval + " ms and " + resendAfter + " ms");
        }
    }

    /** Reads them from the {@code kvstore} section of a loaded configuration. */
    public static CoordinatorSettings of(Config config) {
        return new CoordinatorSettings(
                config.getDuration("kvstore.session-timeout").toMillis(),
                config.getDuration("kvstore.heartbeat-interval").toMillis(),
                config.getDuration("kvstore.coordinator.resend-after").toMillis());
    }

    /** A worker that waits to be registered is here if it was heard this lately. */
    long fresh() {
        return Math.min(sessionTimeout, 6 * resendAfter);
    }

    /** How often the time is looked at. */
    long tick() {
        return Math.max(1, Math.min(heartbeatInterval, resendAfter) / 5);
    }
}
